// Webhooks: add, change, test, remove, and what could not be delivered.
import { useState } from 'react';
import {
  IncidentKindValues,
  type IncidentFilter,
  type IncidentKind,
  type Severity,
  type Webhook,
} from '../gen/api';
import { errorText } from '../api/client';
import {
  createWebhook,
  deleteWebhook,
  listWebhooks,
  testWebhook,
  updateWebhook,
} from '../api/endpoints';
import { useCameras } from '../app/cameras';
import { count, kindWords, severityRank, severityWords } from '../lib/words';
import { FormDialog, Removal } from '../ui/dialog';
import { PlusIcon } from '../ui/icons';
import { MultiSelect } from '../ui/menu';
import { useNotifier } from '../ui/notify';
import { Field, Switch } from '../ui/parts';
import { useResource } from '../ui/resource';
import { Empty, Failed, Loading, Outdated } from '../ui/states';
import { Deliveries } from './deliveries';
import { SecretDialog } from './secret_dialog';

const REFRESH_MS = 10_000;

const everything = (): IncidentFilter => ({
  storeIds: [],
  cameraIds: [],
  kinds: [],
  minSeverity: 'SEVERITY_UNSPECIFIED',
  state: 'INCIDENT_STATE_UNSPECIFIED',
  reviewState: 'REVIEW_STATE_UNSPECIFIED',
});
const fresh = (): Webhook => ({
  webhookId: '',
  name: '',
  url: '',
  filter: everything(),
  enabled: true,
  waiting: 0,
  dead: 0,
  lastError: '',
});

function filterWords(filter: IncidentFilter | undefined): string {
  if (!filter) return 'Every incident';
  const kinds = filter.kinds.map((kind) => kindWords[kind]).join(', ') || 'Every kind';
  const severity =
    severityRank[filter.minSeverity] > 1
      ? filter.minSeverity === 'SEVERITY_CRITICAL'
        ? ', critical ones'
        : `, from ${severityWords[filter.minSeverity].toLowerCase()}`
      : '';
  const stores = filter.storeIds.length ? `, ${filter.storeIds.join(', ')}` : '';
  const cameras = filter.cameraIds.length ? `, ${count(filter.cameraIds.length, 'camera')}` : '';
  return kinds + severity + stores + cameras;
}

export function WebhooksTab() {
  const { data, error, reload } = useResource('webhooks', listWebhooks, REFRESH_MS);
  const { notify } = useNotifier();
  const [editing, setEditing] = useState<Webhook>();
  const [removing, setRemoving] = useState<Webhook>();
  const [shown, setShown] = useState<Webhook>();
  const [secret, setSecret] = useState('');
  const [testing, setTesting] = useState('');

  const test = async (webhook: Webhook) => {
    setTesting(webhook.webhookId);
    try {
      const answer = await testWebhook(webhook.webhookId);
      notify(
        answer.delivered
          ? { key: 'test', tone: 'ok', title: `${webhook.name} answered ${answer.status}` }
          : {
              key: 'test',
              tone: 'critical',
              title: `${webhook.name} was not reached`,
              text: answer.error || `It answered ${answer.status}.`,
            },
      );
    } catch (problem) {
      notify({
        key: 'test',
        tone: 'critical',
        title: 'The test was not sent',
        text: errorText(problem),
      });
    } finally {
      setTesting('');
      reload();
    }
  };
  if (!data)
    return error ? <Failed error={error} retry={reload} /> : <Loading what="the webhooks" />;
  return (
    <div className="system">
      <Outdated error={error} />
      <p className="row">
        <span className="grow muted">
          Other systems are told of incidents as signed CloudEvents.
        </span>
        <button type="button" className="button small" onClick={() => setEditing(fresh())}>
          <PlusIcon size={14} /> Add webhook
        </button>
      </p>
      {data.webhooks.length === 0 ? (
        <Empty title="No webhooks yet" />
      ) : (
        <ul className="cards">
          {data.webhooks.map((webhook) => (
            <li key={webhook.webhookId} className="block">
              <div className="row wrap">
                <h2 className="grow">
                  {webhook.name}{' '}
                  {!webhook.enabled && <span className="muted small-text">disabled</span>}
                </h2>
                <button
                  type="button"
                  className="button small"
                  disabled={testing !== ''}
                  onClick={() => void test(webhook)}
                  aria-label={`Test ${webhook.name}`}
                >
                  {testing === webhook.webhookId ? 'Sending …' : 'Test'}
                </button>
                <button
                  type="button"
                  className="button small"
                  onClick={() => setShown(webhook)}
                  aria-label={`Deliveries of ${webhook.name}`}
                >
                  Deliveries
                </button>
                <button
                  type="button"
                  className="button small"
                  onClick={() => setEditing(webhook)}
                  aria-label={`Change ${webhook.name}`}
                >
                  Change
                </button>
                <button
                  type="button"
                  className="button small quiet"
                  onClick={() => setRemoving(webhook)}
                  aria-label={`Remove ${webhook.name}`}
                >
                  Remove
                </button>
              </div>
              <p className="mono">{webhook.url}</p>
              <p className="muted small-text">{filterWords(webhook.filter)}</p>
              <p className="row wrap small-text">
                {webhook.waiting === 0 && webhook.dead === 0 && (
                  <span className="health online">All delivered</span>
                )}
                {webhook.waiting > 0 && (
                  <span className="health degraded">{webhook.waiting} waiting</span>
                )}
                {webhook.dead > 0 && (
                  <span className="health offline">{webhook.dead} given up</span>
                )}
                {webhook.lastError && <span className="muted">{webhook.lastError}</span>}
              </p>
            </li>
          ))}
        </ul>
      )}
      {editing && (
        <WebhookDialog
          webhook={editing}
          onClose={() => setEditing(undefined)}
          onSaved={(made) => {
            setEditing(undefined);
            if (made) setSecret(made);
            reload();
          }}
        />
      )}
      {shown && (
        <Deliveries webhook={shown} onClose={() => setShown(undefined)} onChanged={reload} />
      )}
      {secret && (
        <SecretDialog title="Webhook added" secret={secret} onClose={() => setSecret('')}>
          The receiver checks signatures with this key.
        </SecretDialog>
      )}
      {removing && (
        <Removal
          title={`Remove ${removing.name}?`}
          action="Remove the webhook"
          done={`${removing.name} removed`}
          failed="The webhook was not removed"
          remove={() => deleteWebhook(removing.webhookId)}
          onDone={reload}
          onClose={() => setRemoving(undefined)}
        >
          <p>What waits to be delivered to it is dropped.</p>
        </Removal>
      )}
    </div>
  );
}

function WebhookDialog({
  webhook,
  onClose,
  onSaved,
}: {
  webhook: Webhook;
  onClose: () => void;
  onSaved: (secret: string) => void;
}) {
  const { stores, list, nameOf } = useCameras();
  const isNew = webhook.webhookId === '';
  const [draft, setDraft] = useState(webhook);
  const filter = draft.filter ?? everything();
  const change = (part: Partial<IncidentFilter>) =>
    setDraft({ ...draft, filter: { ...filter, ...part } });
  const submit = async () => {
    const { name, url, enabled } = draft;
    if (isNew) onSaved((await createWebhook({ name, url, enabled, filter })).secret);
    else {
      await updateWebhook({ ...draft, filter });
      onSaved('');
    }
  };
  return (
    <FormDialog
      title={isNew ? 'Add a webhook' : `Change ${webhook.name}`}
      action={isNew ? 'Add' : 'Save'}
      complete={draft.name.trim() !== '' && draft.url !== ''}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Name">
        <input
          className="input"
          maxLength={128}
          value={draft.name}
          onChange={(event) => setDraft({ ...draft, name: event.target.value })}
        />
      </Field>
      <Field
        label="Address"
        hint="https://…; never loopback or link-local, unless event storage allows it."
      >
        <input
          className="input mono"
          spellCheck={false}
          value={draft.url}
          onChange={(event) => setDraft({ ...draft, url: event.target.value.trim() })}
        />
      </Field>
      <div className="field">
        <span className="field-label">Which incidents</span>
        <span className="row wrap">
          <MultiSelect
            label="Kinds"
            all="All"
            chosen={filter.kinds}
            onChange={(kinds) => change({ kinds: kinds as IncidentKind[] })}
            choices={IncidentKindValues.filter((kind) => kind !== 'INCIDENT_KIND_UNSPECIFIED').map(
              (kind) => ({ value: kind, label: kindWords[kind] }),
            )}
          />
          <MultiSelect
            label="Stores"
            all="All"
            chosen={filter.storeIds}
            onChange={(storeIds) => change({ storeIds })}
            choices={stores.map((store) => ({ value: store, label: store }))}
          />
          <MultiSelect
            label="Cameras"
            all="All"
            chosen={filter.cameraIds}
            onChange={(cameraIds) => change({ cameraIds })}
            choices={list.map((entry) => ({
              value: entry.camera?.cameraId ?? '',
              label: nameOf(entry.camera?.cameraId ?? ''),
              note: entry.camera?.storeId,
            }))}
          />
        </span>
      </div>
      <Field label="From severity">
        <select
          value={filter.minSeverity}
          onChange={(event) => change({ minSeverity: event.target.value as Severity })}
        >
          <option value="SEVERITY_UNSPECIFIED">Every severity</option>
          <option value="SEVERITY_WARNING">Warning</option>
          <option value="SEVERITY_CRITICAL">Critical</option>
        </select>
      </Field>
      <Switch
        label="Enabled"
        checked={draft.enabled}
        onChange={(enabled) => setDraft({ ...draft, enabled })}
      />
    </FormDialog>
  );
}
