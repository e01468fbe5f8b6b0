// The login, alone or over a page whose session has ended.
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { ApiError } from '../api/client';
import { login, type SessionAnswer } from '../api/endpoints';
import { Field } from '../ui/parts';
import { Brand } from './brand';

function refusal(error: unknown): string {
  if (error instanceof ApiError && error.status === 401)
    return error.detail || 'The name or the password is wrong.';
  if (error instanceof ApiError && error.status === 429) {
    const wait = error.retryAfter ? ` Try again in ${Math.ceil(error.retryAfter / 60)} min.` : '';
    return (error.detail || 'Too many attempts.') + wait;
  }
  return error instanceof ApiError ? error.detail || error.title : String(error);
}

export function Login({
  expired,
  name: known,
  onLogin,
}: {
  expired: boolean;
  name: string;
  onLogin: (answer: SessionAnswer) => void;
}) {
  const [name, setName] = useState(known);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim() || !password) {
      setError('Enter your name and your password.');
      return;
    }
    setBusy(true);
    setError('');
    try {
      onLogin(await login(name.trim(), password));
    } catch (problem) {
      setError(refusal(problem));
      setPassword('');
    } finally {
      setBusy(false);
    }
  };

  const form = (
    <form className="login-card" onSubmit={submit} noValidate>
      <Brand />
      <h1>{expired ? 'Your session has ended' : 'Log in'}</h1>
      {expired && <p className="muted">Log in again to go on where you were.</p>}
      <Field label="Name">
        <input
          className="input"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus={!known}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label="Password">
        <input
          className="input"
          name="password"
          type="password"
          autoComplete="current-password"
          autoFocus={Boolean(known)}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      {error && (
        <p className="problem" role="alert">
          {error}
        </p>
      )}
      <button type="submit" className="button primary large" disabled={busy}>
        {busy ? 'Logging in …' : 'Log in'}
      </button>
    </form>
  );
  return expired ? <Over>{form}</Over> : <main className="login">{form}</main>;
}

/** Lies over everything, dialogs included, and does not go away by itself. */
function Over({ children }: { children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const show = () => {
    if (dialog.current && !dialog.current.open) dialog.current.showModal();
  };
  useEffect(show, []);
  return (
    <dialog
      ref={dialog}
      className="login over"
      aria-label="Log in again"
      onCancel={(event) => event.preventDefault()}
      onClose={show}
    >
      {children}
    </dialog>
  );
}
