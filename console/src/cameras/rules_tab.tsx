// Rules of a camera as forms over the Rule message. What is left empty takes the default of the kind,
// which the fields show.
import { useEffect, useState, type ReactNode } from 'react';
import {
  FireOncePerValues,
  IncidentKindValues,
  type Camera,
  type Duration,
  type IncidentKind,
  type Rule,
  type Severity,
} from '../gen/api';
import { parseSpan, seconds, spanField, toDuration } from '../lib/time';
import { fireWords, kindSentences, kindWords, severityWords, zoneWords } from '../lib/words';
import { PlusIcon, TrashIcon } from '../ui/icons';
import { Field } from '../ui/parts';
import { emptyRule, freeId, MAX_RULES, ruleDefaults } from './draft';

const KINDS = IncidentKindValues.filter((kind) => kind in ruleDefaults);

export function RulesTab({
  camera,
  readOnly,
  onChange,
  children,
}: {
  camera: Camera;
  readOnly: boolean;
  onChange: (rules: Rule[]) => void;
  /** Stands below the rules. */
  children?: ReactNode;
}) {
  const { rules } = camera;
  const taken = rules.map((rule) => rule.ruleId);
  const add = (kind: IncidentKind) =>
    onChange([...rules, emptyRule(kind, freeId(kindWords[kind], taken))]);
  return (
    <div className="settings">
      {rules.length === 0 && (
        <p className="notice">
          This camera has no rules of its own, so the shared rules of the fusion service hold. With
          the first rule here only the rules here hold.
        </p>
      )}
      {rules.map((rule, i) => (
        <RuleForm
          key={i}
          rule={rule}
          camera={camera}
          readOnly={readOnly}
          onChange={(next) => onChange(rules.map((one, at) => (at === i ? next : one)))}
          onRemove={() => onChange(rules.filter((_, at) => at !== i))}
        />
      ))}
      {!readOnly && rules.length < MAX_RULES && (
        <div className="row wrap add-rule" role="group" aria-label="Add a rule">
          <span className="muted">Add a rule:</span>
          {KINDS.map((kind) => (
            <button
              key={kind}
              type="button"
              className="button small"
              title={`When ${kindSentences[kind]}`}
              onClick={() => add(kind)}
            >
              <PlusIcon size={12} /> {kindWords[kind]}
            </button>
          ))}
        </div>
      )}
      {children}
    </div>
  );
}

function RuleForm({
  rule,
  camera,
  readOnly,
  onChange,
  onRemove,
}: {
  rule: Rule;
  camera: Camera;
  readOnly: boolean;
  onChange: (rule: Rule) => void;
  onRemove: () => void;
}) {
  const defaults = ruleDefaults[rule.kind];
  const change = (part: Partial<Rule>) => onChange({ ...rule, ...part });
  const zones = camera.zones.filter(
    (zone) =>
      !defaults?.zoneKind || zone.kind === defaults.zoneKind || rule.zoneIds.includes(zone.zoneId),
  );
  const toggle = (id: string) =>
    change({
      zoneIds: rule.zoneIds.includes(id)
        ? rule.zoneIds.filter((one) => one !== id)
        : [...rule.zoneIds, id],
    });
  return (
    <fieldset className="block rule-form" disabled={readOnly}>
      <legend className="sr-only">Rule {rule.ruleId}</legend>
      <header className="row">
        <h3 className="grow">
          {kindWords[rule.kind]}{' '}
          <span className="muted small-text">when {kindSentences[rule.kind]}</span>
        </h3>
        {!readOnly && (
          <button
            type="button"
            className="icon-button"
            aria-label={`Remove the rule ${rule.ruleId}`}
            onClick={onRemove}
          >
            <TrashIcon size={16} />
          </button>
        )}
      </header>
      <div className="rule-grid">
        <Field label="Id">
          <input
            className="input small"
            value={rule.ruleId}
            spellCheck={false}
            onChange={(event) => change({ ruleId: event.target.value.trim() })}
          />
        </Field>
        <Field label="Severity">
          <select
            value={rule.severity}
            onChange={(event) => change({ severity: event.target.value as Severity })}
          >
            <option value="SEVERITY_UNSPECIFIED">{defaults?.severity} (default)</option>
            {(['SEVERITY_INFO', 'SEVERITY_WARNING', 'SEVERITY_CRITICAL'] as const).map((one) => (
              <option key={one} value={one}>
                {severityWords[one]}
              </option>
            ))}
          </select>
        </Field>
        {defaults?.minRisk && (
          <Field
            label={rule.kind === 'INCIDENT_KIND_WEAPON' ? 'From a score of' : 'From a risk of'}
          >
            <input
              className="input small"
              type="number"
              min={0.05}
              max={1}
              step={0.05}
              placeholder={defaults.minRisk}
              value={rule.minRisk ? Number(rule.minRisk.toFixed(4)) : ''}
              onChange={(event) => change({ minRisk: Number(event.target.value) || 0 })}
            />
          </Field>
        )}
        {defaults?.minPeople && (
          <Field label="From so many people">
            <input
              className="input small"
              type="number"
              min={2}
              max={1000}
              placeholder={defaults.minPeople}
              value={rule.minPeople || ''}
              onChange={(event) =>
                change({ minPeople: Math.round(Number(event.target.value)) || 0 })
              }
            />
          </Field>
        )}
        <DurationField
          label="For at least"
          value={rule.minDuration}
          placeholder={defaults?.minDuration}
          onChange={(minDuration) => change({ minDuration })}
        />
        <DurationField
          label="Then quiet for"
          value={rule.cooldown}
          placeholder={defaults?.cooldown}
          onChange={(cooldown) => change({ cooldown })}
        />
        <DurationField
          label="Critical after"
          value={rule.escalateAfter}
          placeholder="never"
          onChange={(escalateAfter) => change({ escalateAfter })}
        />
        <Field label="Fires">
          <select
            value={rule.fireOncePer}
            onChange={(event) => change({ fireOncePer: event.target.value as Rule['fireOncePer'] })}
          >
            {FireOncePerValues.map((one) => (
              <option key={one} value={one}>
                {one === 'FIRE_ONCE_PER_UNSPECIFIED'
                  ? `Default: ${defaults?.fire}`
                  : fireWords[one]}
              </option>
            ))}
          </select>
        </Field>
      </div>
      <div className="row wrap small-text">
        <span className="muted">Where:</span>
        {rule.zoneIds.length === 0 && <span>{defaults?.zones}</span>}
        {zones.map((zone) => (
          <label key={zone.zoneId} className="choice flush">
            <input
              type="checkbox"
              checked={rule.zoneIds.includes(zone.zoneId)}
              onChange={() => toggle(zone.zoneId)}
            />
            <span>
              {zone.name || zone.zoneId}{' '}
              <span className="muted">({zoneWords[zone.kind].toLowerCase()})</span>
            </span>
          </label>
        ))}
        {zones.length === 0 && defaults?.zoneKind && (
          <span className="warning-text">
            There is no such zone yet, so the rule cannot hold. Draw one under Zones.
          </span>
        )}
      </div>
    </fieldset>
  );
}

function DurationField({
  label,
  value,
  placeholder,
  onChange,
}: {
  label: string;
  value: Duration | undefined;
  placeholder?: string;
  onChange: (value: Duration | undefined) => void;
}) {
  const [text, setText] = useState(() => spanField(value));
  useEffect(() => {
    // Changed from elsewhere, as when the draft is discarded.
    if (parseSpan(text) !== seconds(value)) setText(spanField(value));
  }, [value]);
  const fault =
    text.trim() !== '' && parseSpan(text) === undefined ? 'Write 500ms, 10s, 2m or 1h30m.' : '';
  return (
    <Field label={label} error={fault}>
      <input
        className="input small"
        value={text}
        placeholder={placeholder}
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value);
          const length = parseSpan(event.target.value);
          if (event.target.value.trim() === '') onChange(undefined);
          else if (length !== undefined) onChange(toDuration(length));
        }}
      />
    </Field>
  );
}
