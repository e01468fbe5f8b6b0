import { useState } from 'react';
import { changePassword } from '../api/endpoints';
import { FormDialog } from '../ui/dialog';
import { NewPasswordField, passwordFault } from '../ui/new_password';
import { useNotifier } from '../ui/notify';
import { Field } from '../ui/parts';

export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { notify } = useNotifier();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const differs = again !== '' && again !== next;

  const submit = async () => {
    await changePassword(current, next);
    notify({
      key: 'password',
      tone: 'ok',
      title: 'Password changed',
      text: 'Your other sessions have ended.',
    });
    onClose();
  };
  return (
    <FormDialog
      title="Change password"
      action="Change"
      complete={current !== '' && next !== '' && !passwordFault(next) && again === next}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Present password">
        <input
          className="input"
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
      </Field>
      <NewPasswordField label="New password" value={next} onChange={setNext} />
      <NewPasswordField
        label="New password again"
        hint=""
        error={differs ? 'This differs from the one above.' : ''}
        value={again}
        onChange={setAgain}
      />
    </FormDialog>
  );
}
