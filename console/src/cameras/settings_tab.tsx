// Name, source, analysis and privacy of a camera.
import type { Camera } from '../gen/api';
import { useCameras } from '../app/cameras';
import { timeZoneChoices, timeZoneWords } from '../lib/time_zone';
import { Field, Switch } from '../ui/parts';
import { ProbeBox } from './probe_box';

export function SettingsTab({
  camera,
  readOnly,
  onChange,
  onDelete,
}: {
  camera: Camera;
  readOnly: boolean;
  onChange: (part: Partial<Camera>) => void;
  onDelete: () => void;
}) {
  return (
    <fieldset className="settings" disabled={readOnly}>
      <legend className="sr-only">Settings of the camera</legend>
      <section className="block">
        <Switch
          label="Enabled"
          hint="A camera that is switched off is neither watched nor recorded."
          checked={camera.enabled}
          disabled={readOnly}
          onChange={(enabled) => onChange({ enabled })}
        />
      </section>
      <section className="block form">
        <h3 className="section-title">Place and source</h3>
        <PlaceFields camera={camera} onChange={onChange} />
        <Field
          label="Source"
          hint={
            camera.sourceUrl.includes('***')
              ? 'The password is hidden; leave it as it is, or enter the whole address anew.'
              : 'rtsp://, rtsps://, http://, https://, file:///path or device:N'
          }
        >
          <input
            className="input mono"
            spellCheck={false}
            autoCapitalize="none"
            value={camera.sourceUrl}
            onChange={(event) => onChange({ sourceUrl: event.target.value.trim() })}
          />
        </Field>
        {!readOnly && <ProbeBox sourceUrl={camera.sourceUrl} />}
        {camera.sourceUrl.startsWith('file:') && (
          <div className="form-grid">
            <Switch
              label="Play again at the end"
              checked={camera.loop}
              onChange={(loop) => onChange({ loop })}
            />
            <Switch
              label="As fast as the cluster answers"
              hint="Otherwise at the file’s own pace."
              checked={camera.asFastAsPossible}
              onChange={(asFastAsPossible) => onChange({ asFastAsPossible })}
            />
          </div>
        )}
      </section>
      <section className="block form">
        <h3 className="section-title">Analysis</h3>
        <AnalysisFields camera={camera} onChange={onChange} />
      </section>
      <section className="block form">
        <h3 className="section-title">Privacy</h3>
        <Switch
          label="Blur heads"
          hint="In live pictures, snapshots and clips, before anything is stored. It holds for what is recorded from now on."
          checked={!camera.showHeads}
          disabled={readOnly}
          onChange={(blur) => onChange({ showHeads: !blur })}
        />
        {camera.showHeads && (
          <p className="notice warning">
            Heads are shown and stored. Make sure that you may do this at this place.
          </p>
        )}
      </section>
      {!readOnly && (
        <section className="block">
          <h3 className="section-title">Remove</h3>
          <p className="row wrap">
            <span className="muted grow">Its incidents and their evidence stay.</span>
            <button type="button" className="button danger small" onClick={onDelete}>
              Remove the camera
            </button>
          </p>
        </section>
      )}
    </fieldset>
  );
}

export function PlaceFields({
  camera,
  onChange,
}: {
  camera: Camera;
  onChange: (part: Partial<Camera>) => void;
}) {
  const { stores } = useCameras();
  return (
    <div className="form-grid">
      <Field label="Name" hint="For people, for example “Aisle 3, cosmetics”.">
        <input
          className="input"
          maxLength={256}
          value={camera.name}
          onChange={(event) => onChange({ name: event.target.value })}
        />
      </Field>
      <Field label="Store" hint="Decides who may see the camera.">
        <input
          className="input"
          list="known-stores"
          value={camera.storeId}
          onChange={(event) => onChange({ storeId: event.target.value.trim() })}
        />
        <datalist id="known-stores">
          {stores.map((store) => (
            <option key={store} value={store} />
          ))}
        </datalist>
      </Field>
      <Field
        label="Time zone"
        hint="That of the store. Without it times are shown in the zone of whoever looks."
      >
        <select
          className="input"
          value={camera.timeZone}
          onChange={(event) => onChange({ timeZone: event.target.value })}
        >
          <option value="">Not known</option>
          {timeZoneChoices(camera.timeZone).map((name) => (
            <option key={name} value={name}>
              {timeZoneWords(name)}
            </option>
          ))}
        </select>
      </Field>
    </div>
  );
}

export function AnalysisFields({
  camera,
  onChange,
}: {
  camera: Camera;
  onChange: (part: Partial<Camera>) => void;
}) {
  return (
    <div className="form-grid">
      <Field label="Frames analysed per second" hint="0.1 to 60; empty means 10.">
        <input
          className="input"
          type="number"
          min={0.1}
          max={60}
          step="any"
          value={camera.analysisFps || ''}
          placeholder="10"
          onChange={(event) => onChange({ analysisFps: Number(event.target.value) || 0 })}
        />
      </Field>
      <Field
        label="Longer side of the analysed picture"
        hint="64 to 4096 pixels; empty means 640. Never enlarged."
      >
        <input
          className="input"
          type="number"
          min={64}
          max={4096}
          step={1}
          value={camera.analysisSize || ''}
          placeholder="640"
          onChange={(event) =>
            onChange({ analysisSize: Math.round(Number(event.target.value)) || 0 })
          }
        />
      </Field>
    </div>
  );
}
