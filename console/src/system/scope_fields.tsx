// Role and scope, as users and tokens have them.
import type { Role, Scope } from '../gen/api';
import { useCameras } from '../app/cameras';
import { roleWords } from '../lib/words';
import { MultiSelect } from '../ui/menu';
import { Field } from '../ui/parts';

const roleHints: Record<Role, string> = {
  ROLE_UNSPECIFIED: '',
  ROLE_VIEWER: 'Looks at cameras, incidents and evidence.',
  ROLE_OPERATOR: 'Also reviews, holds and exports incidents.',
  ROLE_ADMIN: 'Also changes cameras, webhooks, users and tokens.',
  ROLE_INGEST: 'Records incidents and evidence, leases cameras; nothing else.',
};

export function ScopeFields({
  role,
  scope,
  roles,
  onRole,
  onScope,
}: {
  role: Role;
  scope: Scope;
  roles: readonly Role[];
  onRole: (role: Role) => void;
  onScope: (scope: Scope) => void;
}) {
  const { stores, list, nameOf } = useCameras();
  const ids = [...new Set([...stores, ...scope.storeIds])].sort();
  return (
    <>
      <Field label="Role" hint={roleHints[role]}>
        <select value={role} onChange={(event) => onRole(event.target.value as Role)}>
          {roles.map((one) => (
            <option key={one} value={one}>
              {roleWords[one]}
            </option>
          ))}
        </select>
      </Field>
      <div className="field">
        <span className="field-label">Where</span>
        <span className="row wrap">
          <MultiSelect
            label="Stores"
            all="All stores"
            chosen={scope.storeIds}
            choices={ids.map((store) => ({ value: store, label: store }))}
            onChange={(storeIds) => onScope({ ...scope, storeIds })}
          />
          <MultiSelect
            label="Cameras"
            all="All of them"
            chosen={scope.cameraIds}
            onChange={(cameraIds) => onScope({ ...scope, cameraIds })}
            choices={list
              .filter(
                (entry) =>
                  scope.storeIds.length === 0 ||
                  scope.storeIds.includes(entry.camera?.storeId ?? ''),
              )
              .map((entry) => ({
                value: entry.camera?.cameraId ?? '',
                label: nameOf(entry.camera?.cameraId ?? ''),
                note: entry.camera?.storeId,
              }))}
          />
        </span>
      </div>
    </>
  );
}
