// Users: add, change, disable, remove.
import { useState } from 'react';
import type { Role, User } from '../gen/api';
import { createUser, deleteUser, listUsers, updateUser } from '../api/endpoints';
import { useSession } from '../app/session';
import { ago, instant, moment } from '../lib/time';
import { roleWords, scopeWords } from '../lib/words';
import { FormDialog, Removal } from '../ui/dialog';
import { PlusIcon } from '../ui/icons';
import { NewPasswordField, passwordFault } from '../ui/new_password';
import { useNotifier } from '../ui/notify';
import { Field, Switch } from '../ui/parts';
import { useNow, useResource } from '../ui/resource';
import { Empty, Failed, Loading, Outdated } from '../ui/states';
import { ScopeFields } from './scope_fields';

const ROLES: Role[] = ['ROLE_VIEWER', 'ROLE_OPERATOR', 'ROLE_ADMIN'];
const NAME = /^[A-Za-z0-9._@-]{1,128}$/;

const nobody = (): User => ({
  name: '',
  role: 'ROLE_VIEWER',
  scope: { storeIds: [], cameraIds: [] },
  disabled: false,
});

export function UsersTab() {
  const { data, error, reload } = useResource('users', listUsers);
  const { principal } = useSession();
  const now = useNow(30_000);
  const [editing, setEditing] = useState<User>();
  const [removing, setRemoving] = useState<User>();
  if (!data) return error ? <Failed error={error} retry={reload} /> : <Loading what="the users" />;
  return (
    <div className="system">
      <Outdated error={error} />
      <p className="row">
        <span className="grow muted">{data.users.length} users</span>
        <button type="button" className="button small" onClick={() => setEditing(nobody())}>
          <PlusIcon size={14} /> Add user
        </button>
      </p>
      {data.users.length === 0 ? (
        <Empty title="No users yet" />
      ) : (
        <div className="table-scroll framed">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Role</th>
                <th scope="col" className="wide-only">
                  Where
                </th>
                <th scope="col" className="wide-only">
                  Last login
                </th>
                <th scope="col">
                  <span className="sr-only">Change</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.users.map((user) => {
                const locked = instant(user.lockedUntil);
                return (
                  <tr key={user.name}>
                    <th scope="row">
                      <strong>{user.name}</strong>
                      {user.name === principal.name && <span className="muted"> (you)</span>}
                      {user.disabled && (
                        <span className="block-text small-text warning-text">disabled</span>
                      )}
                      {locked !== undefined && locked > now && (
                        <span className="block-text small-text warning-text">
                          locked until {moment(locked, now)}
                        </span>
                      )}
                    </th>
                    <td>{roleWords[user.role]}</td>
                    <td className="wide-only">{scopeWords(user.scope)}</td>
                    <td className="wide-only">{ago(instant(user.lastLoginTime), now)}</td>
                    <td>
                      <span className="row end">
                        <button
                          type="button"
                          className="button small"
                          onClick={() => setEditing(user)}
                          aria-label={`Change ${user.name}`}
                        >
                          Change
                        </button>
                        {user.name !== principal.name && (
                          <button
                            type="button"
                            className="button small quiet"
                            onClick={() => setRemoving(user)}
                            aria-label={`Remove ${user.name}`}
                          >
                            Remove
                          </button>
                        )}
                      </span>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {editing && (
        <UserDialog
          user={editing}
          onClose={() => setEditing(undefined)}
          onSaved={() => {
            setEditing(undefined);
            reload();
          }}
        />
      )}
      {removing && (
        <Removal
          title={`Remove ${removing.name}?`}
          action="Remove the user"
          done={`${removing.name} removed`}
          failed={`${removing.name} was not removed`}
          remove={() => deleteUser(removing.name)}
          onDone={reload}
          onClose={() => setRemoving(undefined)}
        >
          <p>
            The user’s sessions end at once. Reviews keep the name. To lock somebody out for a
            while, disable the user instead.
          </p>
        </Removal>
      )}
    </div>
  );
}

function UserDialog({
  user,
  onClose,
  onSaved,
}: {
  user: User;
  onClose: () => void;
  onSaved: () => void;
}) {
  const fresh = user.name === '';
  const { notify } = useNotifier();
  const [draft, setDraft] = useState(user);
  const [password, setPassword] = useState('');
  const nameFault =
    draft.name !== '' && !NAME.test(draft.name) ? 'Use 1 to 128 of A–Z a–z 0–9 . _ @ -' : '';
  const submit = async () => {
    const { name, role, scope, disabled } = draft;
    if (fresh) await createUser({ name, role, scope, disabled }, password);
    else await updateUser(draft, password);
    notify({
      key: 'user',
      tone: 'ok',
      title: fresh ? `${name} added` : `${name} changed`,
      text: fresh ? undefined : 'The user’s sessions have ended.',
    });
    onSaved();
  };
  return (
    <FormDialog
      title={fresh ? 'Add a user' : `Change ${user.name}`}
      action={fresh ? 'Add' : 'Save'}
      complete={
        draft.name !== '' && !nameFault && !passwordFault(password) && (!fresh || password !== '')
      }
      onSubmit={submit}
      onClose={onClose}
    >
      {fresh && (
        <Field label="Name" error={nameFault}>
          <input
            className="input"
            autoComplete="off"
            autoCapitalize="none"
            value={draft.name}
            onChange={(event) => setDraft({ ...draft, name: event.target.value.trim() })}
          />
        </Field>
      )}
      <ScopeFields
        role={draft.role}
        scope={draft.scope ?? { storeIds: [], cameraIds: [] }}
        roles={ROLES}
        onRole={(role) => setDraft({ ...draft, role })}
        onScope={(scope) => setDraft({ ...draft, scope })}
      />
      <NewPasswordField
        label={fresh ? 'Password' : 'New password'}
        hint={fresh ? undefined : 'Empty leaves it as it is.'}
        value={password}
        onChange={setPassword}
      />
      <Switch
        label="Disabled"
        hint="A disabled user cannot log in."
        checked={draft.disabled}
        onChange={(disabled) => setDraft({ ...draft, disabled })}
      />
    </FormDialog>
  );
}
