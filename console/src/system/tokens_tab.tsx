// Tokens of machines: make and revoke.
import { useState, type FormEvent } from 'react';
import type { ApiToken, Role, Scope } from '../gen/api';
import { errorText } from '../api/client';
import { createToken, listTokens, revokeToken } from '../api/endpoints';
import { ago, instant, moment } from '../lib/time';
import { roleWords, scopeWords } from '../lib/words';
import { Confirm, Dialog } from '../ui/dialog';
import { PlusIcon } from '../ui/icons';
import { useNotifier } from '../ui/notify';
import { Field } from '../ui/parts';
import { useNow, useResource } from '../ui/resource';
import { Empty, Failed, Loading, Outdated, Problem } from '../ui/states';
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
  const { notify } = useNotifier();
  const now = useNow(30_000);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState('');
  const [revoking, setRevoking] = useState<ApiToken>();
  const revoke = async (token: ApiToken) => {
    try {
      await revokeToken(token.tokenId);
      notify({ key: 'token', tone: 'ok', title: `Token “${token.name}” revoked` });
      reload();
    } catch (problem) {
      notify({
        key: 'token',
        tone: 'critical',
        title: 'The token was not revoked',
        text: errorText(problem),
      });
    } finally {
      setRevoking(undefined);
    }
  };
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
        <Confirm
          title={`Revoke “${revoking.name}”?`}
          action="Revoke the token"
          onConfirm={() => void revoke(revoking)}
          onClose={() => setRevoking(undefined)}
        >
          <p>Whoever uses it is refused at once. This cannot be taken back.</p>
        </Confirm>
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
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const end = until ? { expireTime: new Date(`${until}T23:59:59`).toISOString() } : {};
      onMade((await createToken({ name: name.trim(), role, scope, ...end })).secret);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title="Make a token" onClose={onClose}>
      <form className="dialog-body form" onSubmit={(event) => void submit(event)}>
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
        <Problem error={error} />
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={busy || !name.trim()}>
            Make
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
