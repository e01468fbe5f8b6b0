// Tokens of machines: make and revoke.
import { useState } from 'react';
import type { ApiToken, Role, Scope } from '../gen/api';
import { createToken, listTokens, revokeToken } from '../api/endpoints';
import { ago, instant, moment } from '../lib/time';
import { roleWords, scopeWords } from '../lib/words';
import { FormDialog, Removal } from '../ui/dialog';
import { PlusIcon } from '../ui/icons';
import { Field } from '../ui/parts';
import { useNow, useResource } from '../ui/resource';
import { Empty, Failed, Loading, Outdated } from '../ui/states';
import { ScopeFields } from './scope_fields';
import { SecretDialog } from './secret_dialog';

const ROLES: Role[] = ['ROLE_VIEWER', 'ROLE_OPERATOR', 'ROLE_ADMIN', 'ROLE_INGEST'];

function stateOf(token: ApiToken, now: number): string {
  if (token.revokeTime) return `revoked ${ago(instant(token.revokeTime), now)}`;
  const end = instant(token.expireTime);
  if (end === undefined) return 'no end';
  return end < now ? `ended ${ago(end, now)}` : `until ${moment(end, now)}`;
}

export function TokensTab() {
  const { data, error, reload } = useResource('tokens', listTokens);
  const now = useNow(30_000);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState('');
  const [revoking, setRevoking] = useState<ApiToken>();
  if (!data) return error ? <Failed error={error} retry={reload} /> : <Loading what="the tokens" />;
  return (
    <div className="system">
      <Outdated error={error} />
      <p className="row">
        <span className="grow muted">Machines show a token as “Authorization: Bearer …”.</span>
        <button type="button" className="button small" onClick={() => setAdding(true)}>
          <PlusIcon size={14} /> Make a token
        </button>
      </p>
      {data.tokens.length === 0 ? (
        <Empty title="No tokens yet">
          <p>Make one for each machine, so that each can be revoked by itself.</p>
        </Empty>
      ) : (
        <div className="table-scroll framed">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">For</th>
                <th scope="col">Role</th>
                <th scope="col" className="wide-only">
                  Where
                </th>
                <th scope="col" className="wide-only">
                  Last used
                </th>
                <th scope="col">Valid</th>
                <th scope="col">
                  <span className="sr-only">Change</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.tokens.map((token) => (
                <tr key={token.tokenId} className={token.revokeTime ? 'faded' : ''}>
                  <th scope="row">
                    <strong>{token.name}</strong>
                  </th>
                  <td>{roleWords[token.role]}</td>
                  <td className="wide-only">{scopeWords(token.scope)}</td>
                  <td className="wide-only">{ago(instant(token.lastUsedTime), now)}</td>
                  <td>{stateOf(token, now)}</td>
                  <td>
                    <span className="row end">
                      {!token.revokeTime && (
                        <button
                          type="button"
                          className="button small quiet"
                          onClick={() => setRevoking(token)}
                          aria-label={`Revoke ${token.name}`}
                        >
                          Revoke
                        </button>
                      )}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {adding && (
        <TokenDialog
          onClose={() => setAdding(false)}
          onMade={(made) => {
            setAdding(false);
            setSecret(made);
            reload();
          }}
        />
      )}
      {secret && (
        <SecretDialog title="Token made" secret={secret} onClose={() => setSecret('')}>
          Give this to the machine.
        </SecretDialog>
      )}
      {revoking && (
        <Removal
          title={`Revoke “${revoking.name}”?`}
          action="Revoke the token"
          done={`Token “${revoking.name}” revoked`}
          failed="The token was not revoked"
          remove={() => revokeToken(revoking.tokenId)}
          onDone={reload}
          onClose={() => setRevoking(undefined)}
        >
          <p>Whoever uses it is refused at once. This cannot be taken back.</p>
        </Removal>
      )}
    </div>
  );
}

function TokenDialog({
  onClose,
  onMade,
}: {
  onClose: () => void;
  onMade: (secret: string) => void;
}) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('ROLE_VIEWER');
  const [scope, setScope] = useState<Scope>({ storeIds: [], cameraIds: [] });
  const [until, setUntil] = useState('');
  const submit = async () => {
    const end = until ? { expireTime: new Date(`${until}T23:59:59`).toISOString() } : {};
    onMade((await createToken({ name: name.trim(), role, scope, ...end })).secret);
  };
  return (
    <FormDialog
      title="Make a token"
      action="Make"
      complete={name.trim() !== ''}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="What it is for" hint="Told as the reviewer where it reviews.">
        <input
          className="input"
          maxLength={128}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <ScopeFields role={role} scope={scope} roles={ROLES} onRole={setRole} onScope={setScope} />
      <Field label="Valid to the end of" hint="Empty means no end.">
        <input
          className="input"
          type="date"
          value={until}
          onChange={(event) => setUntil(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
