// A password that is being chosen.
import { Field } from './parts';

export const MIN_PASSWORD = 12;

/** Why event storage would refuse it; empty for one that is good, or not typed yet. */
export function passwordFault(password: string): string {
  return password !== '' && new TextEncoder().encode(password).length < MIN_PASSWORD
    ? `Use at least ${MIN_PASSWORD} characters.`
    : '';
}

export function NewPasswordField({
  label,
  hint = `At least ${MIN_PASSWORD} characters.`,
  error,
  value,
  onChange,
}: {
  label: string;
  hint?: string;
  /** What is wrong with it beside being short. */
  error?: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Field label={label} hint={hint} error={error || passwordFault(value)}>
      <input
        className="input"
        type="password"
        autoComplete="new-password"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
