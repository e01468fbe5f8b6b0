// Small things that several pages show.
import {
  Children,
  cloneElement,
  isValidElement,
  useId,
  type CSSProperties,
  type ReactNode,
} from 'react';
import type { IncidentState, ReviewState, Severity } from '../gen/api';
import { riskColour } from '../live/skeleton';
import type { Health } from '../lib/health';
import { reviewWords, risk as riskText, severityWords } from '../lib/words';

export function SeverityMark({ severity }: { severity: Severity }) {
  return (
    <span className={`severity ${severity.slice('SEVERITY_'.length).toLowerCase()}`}>
      {severityWords[severity]}
    </span>
  );
}

export function ReviewMark({ state }: { state: ReviewState }) {
  const name = state.slice('REVIEW_STATE_'.length).toLowerCase();
  return (
    <span className={`review ${name === 'unspecified' ? 'unreviewed' : name}`}>
      {reviewWords[state]}
    </span>
  );
}

export function StateMark({ state }: { state: IncidentState }) {
  return state === 'INCIDENT_STATE_OPEN' ? (
    <span className="going-on">Going on</span>
  ) : (
    <span className="muted">Over</span>
  );
}

export function HealthMark({ health }: { health: Health }) {
  return <span className={`health ${health.state}`}>{health.label}</span>;
}

/** A risk as number and bar. */
export function RiskMeter({ value }: { value: number | undefined }) {
  const style: CSSProperties = {
    width: `${Math.round((value ?? 0) * 100)}%`,
    background: riskColour(value),
  };
  return (
    <span className="risk-meter">
      <span className="risk-bar" aria-hidden="true">
        <span style={style} />
      </span>
      <span className="number">{value === undefined ? '–' : riskText(value)}</span>
    </span>
  );
}

/** A labelled control: the first child gets the label, and hint or error as its description. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  label: string;
  hint?: ReactNode;
  error?: string;
  children: ReactNode;
}) {
  const id = useId();
  const [control, ...rest] = Children.toArray(children);
  const described = error || hint ? `${id}-note` : undefined;
  return (
    <div className={error ? 'field invalid' : 'field'}>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {isValidElement<ControlProps>(control) &&
        cloneElement(control, {
          id,
          'aria-describedby': described,
          'aria-invalid': error ? true : undefined,
        })}
      {rest}
      {error ? (
        <span className="field-error" id={described} role="alert">
          {error}
        </span>
      ) : (
        hint && (
          <span className="field-hint" id={described}>
            {hint}
          </span>
        )
      )}
    </div>
  );
}

interface ControlProps {
  id?: string;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean;
}

export function Switch({
  label,
  hint,
  checked,
  disabled,
  onChange,
}: {
  label: string;
  hint?: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <label className="switch">
      <input
        type="checkbox"
        role="switch"
        aria-labelledby={id}
        aria-describedby={hint ? `${id}-note` : undefined}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className="switch-track" aria-hidden="true" />
      <span>
        <span className="switch-label" id={id}>
          {label}
        </span>
        {hint && (
          <span className="field-hint" id={`${id}-note`}>
            {hint}
          </span>
        )}
      </span>
    </label>
  );
}

export function Key({ children }: { children: ReactNode }) {
  return <kbd>{children}</kbd>;
}
