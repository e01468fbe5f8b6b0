// Adds a camera: try its source, see the picture, name it, save.
import { useState, type FormEvent } from 'react';
import type { Camera } from '../gen/api';
import { createCamera } from '../api/endpoints';
import { useCameras } from '../app/cameras';
import { Header } from '../app/header';
import { useSession } from '../app/session';
import { Link, navigate } from '../lib/router';
import { may } from '../lib/words';
import { BackIcon } from '../ui/icons';
import { useNotifier } from '../ui/notify';
import { Field, Switch } from '../ui/parts';
import { Empty, Problem } from '../ui/states';
import { CAMERA_ID, emptyCamera, withTimeZone } from './draft';
import { ProbeBox } from './probe_box';
import { AnalysisFields, PlaceFields } from './settings_tab';

export function AddCamera() {
  const { principal } = useSession();
  const { byId, resource, timeZoneOf } = useCameras();
  const { notify } = useNotifier();
  const [typed, setTyped] = useState<Camera>(emptyCamera);
  const [timeZone, setTimeZone] = useState<string>();
  const camera = withTimeZone(typed, timeZone, (store) => timeZoneOf('', store));
  const [worked, setWorked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const change = (part: Partial<Camera>) => {
    setTyped((old) => ({ ...old, ...part }));
    if (part.timeZone !== undefined) setTimeZone(part.timeZone);
  };
  const idFault =
    camera.cameraId === ''
      ? ''
      : !CAMERA_ID.test(camera.cameraId)
        ? 'Use 1 to 128 of A–Z a–z 0–9 . _ : -'
        : byId.has(camera.cameraId)
          ? 'Another camera has this id; choose a different one.'
          : '';
  const complete = camera.sourceUrl && camera.cameraId && !idFault && camera.storeId;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await createCamera(camera);
      resource.reload();
      notify({
        key: 'camera',
        tone: 'ok',
        title: 'Camera added',
        text: 'Draw its zones once it is online.',
      });
      navigate(`/cameras/${encodeURIComponent(camera.cameraId)}/zones`);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <Header
        title={
          <span className="row">
            <Link className="icon-button" href="/cameras" aria-label="Back to the cameras">
              <BackIcon />
            </Link>
            Add a camera
          </span>
        }
      />
      {!may(principal, 'ROLE_ADMIN') ? (
        <Empty title="Your role does not allow this">
          <p>Cameras are added by admins.</p>
        </Empty>
      ) : (
        <div className="page-scroll">
          <form className="settings" onSubmit={(event) => void submit(event)}>
            <section className="block form">
              <h2 className="section-title">1. Source</h2>
              <Field
                label="Source"
                hint="rtsp://user:password@host:554/path, rtsps://, http://, https://, file:///path or device:N"
              >
                <input
                  className="input mono"
                  spellCheck={false}
                  autoCapitalize="none"
                  value={camera.sourceUrl}
                  onChange={(event) => change({ sourceUrl: event.target.value.trim() })}
                />
              </Field>
              <ProbeBox
                sourceUrl={camera.sourceUrl}
                onResult={(result) => setWorked(Boolean(result))}
              />
            </section>
            <section className="block form">
              <h2 className="section-title">2. Name and place</h2>
              <Field
                label="Id"
                hint="Never changes; unique within the installation, for example “berlin-aisle-3”."
                error={idFault}
              >
                <input
                  className="input"
                  spellCheck={false}
                  autoCapitalize="none"
                  value={camera.cameraId}
                  onChange={(event) => change({ cameraId: event.target.value.trim() })}
                />
              </Field>
              <PlaceFields camera={camera} onChange={change} />
            </section>
            <section className="block form">
              <h2 className="section-title">3. Analysis and privacy</h2>
              <AnalysisFields camera={camera} onChange={change} />
              <Switch
                label="Blur heads"
                hint="In live pictures, snapshots and clips, before anything is stored."
                checked={!camera.showHeads}
                onChange={(blur) => change({ showHeads: !blur })}
              />
              <Switch
                label="Enabled"
                hint="Begin to watch as soon as it is saved."
                checked={camera.enabled}
                onChange={(enabled) => change({ enabled })}
              />
            </section>
            <Problem error={error} />
            <p className="row wrap">
              <button type="submit" className="button primary" disabled={busy || !complete}>
                {busy ? 'Saving …' : 'Add camera'}
              </button>
              {!complete ? (
                <span className="muted small-text">Source, id and store are needed.</span>
              ) : (
                !worked && (
                  <span className="muted small-text">
                    The source was not tried, or did not work. It can be saved all the same.
                  </span>
                )
              )}
            </p>
          </form>
        </div>
      )}
    </>
  );
}
