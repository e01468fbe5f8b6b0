import { useState, type FormEvent } from 'react';
import { changePassword } from '../api/endpoints';
import { Dialog } from '../ui/dialog';
import { useNotifier } from '../ui/notify';
import { Field } from '../ui/parts';
import { Problem } from '../ui/states';

export const MIN_PASSWORD = 12;

export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { notify } = useNotifier();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const short = next !== '' && new TextEncoder().encode(next).length < MIN_PASSWORD;
  const differs = again !== '' && again !== next;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await changePassword(current, next);
      notify({
        key: 'password',
        tone: 'ok',
        title: 'Password changed',
        text: 'Your other sessions have ended.',
      });
      onClose();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title="Change password" onClose={onClose}>
      <form className="dialog-body form" onSubmit={submit}>
        <Field label="Present password">
          <input
            className="input"
            type="password"
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
          />
        </Field>
        <Field
          label="New password"
          hint={`At least ${MIN_PASSWORD} characters.`}
          error={short ? `Use at least ${MIN_PASSWORD} characters.` : ''}
        >
          <input
            className="input"
            type="password"
            autoComplete="new-password"
            value={next}
            onChange={(event) => setNext(event.target.value)}
          />
        </Field>
        <Field label="New password again" error={differs ? 'This differs from the one above.' : ''}>
          <input
            className="input"
            type="password"
            autoComplete="new-password"
            value={again}
            onChange={(event) => setAgain(event.target.value)}
          />
        </Field>
        <Problem error={error} />
        <footer className="dialog-foot">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="button primary"
            disabled={busy || !current || !next || short || again !== next}
          >
            Change
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
