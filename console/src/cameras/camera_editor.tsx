// One camera: its zones, rules and settings, edited as one draft and saved at once.
import { useEffect, useMemo, useState } from 'react';
import type { Camera } from '../gen/api';
import { ApiError } from '../api/client';
import { deleteCamera, getCamera, updateCamera } from '../api/endpoints';
import { useCameras } from '../app/cameras';
import { Header } from '../app/header';
import { useSession } from '../app/session';
import { cameraHealth, cameraName } from '../lib/health';
import { Link, navigate, setLeaveGuard } from '../lib/router';
import { may } from '../lib/words';
import { Confirm, Dialog } from '../ui/dialog';
import { BackIcon } from '../ui/icons';
import { useNotifier } from '../ui/notify';
import { HealthMark } from '../ui/parts';
import { useNow, useResource } from '../ui/resource';
import { Empty, Failed, Loading, Problem } from '../ui/states';
import { differences, draftFaults } from './draft';
import { Rehearsal, useRehearsal } from './rehearsal';
import { RulesTab } from './rules_tab';
import { SettingsTab } from './settings_tab';
import { ZonesTab } from './zones_tab';

const TABS = [
  ['zones', 'Zones'],
  ['rules', 'Rules'],
  ['settings', 'Settings'],
] as const;

export function CameraEditor({ cameraId, tab }: { cameraId: string; tab: string }) {
  const { principal } = useSession();
  const { resource: cameras, byId } = useCameras();
  const { notify } = useNotifier();
  const now = useNow(5000);
  const loaded = useResource(`camera ${cameraId}`, (signal) => getCamera(cameraId, signal));
  const [base, setBase] = useState<Camera>();
  const [draft, setDraft] = useState<Camera>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [conflict, setConflict] = useState<Camera>();
  const [deleting, setDeleting] = useState(false);
  const readOnly = !may(principal, 'ROLE_ADMIN');
  const rehearsal = useRehearsal(cameraId);

  useEffect(() => {
    const camera = loaded.data?.camera;
    // A later load must not take away what is being edited; the revision tells at saving.
    if (camera && !base) {
      setBase(camera);
      setDraft(camera);
    }
  }, [loaded.data, base]);

  const dirty = useMemo(
    () => Boolean(base && draft && JSON.stringify(base) !== JSON.stringify(draft)),
    [base, draft],
  );
  useEffect(() => {
    if (!dirty) return;
    const own = `/cameras/${encodeURIComponent(cameraId)}`;
    setLeaveGuard(
      (to) =>
        to === own ||
        to.startsWith(`${own}/`) ||
        window.confirm('Leave without saving the changes of this camera?'),
    );
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => {
      setLeaveGuard(undefined);
      window.removeEventListener('beforeunload', warn);
    };
  }, [dirty, cameraId]);

  if (!draft || !base) {
    const gone = loaded.error instanceof ApiError && loaded.error.status === 404;
    return (
      <>
        <Header title="Camera" />
        {gone ? (
          <Empty title="There is no such camera">
            <p>It was removed, or it is not among those that you may see.</p>
            <Link className="button" href="/cameras">
              Back to the cameras
            </Link>
          </Empty>
        ) : loaded.error ? (
          <Failed error={loaded.error} retry={loaded.reload} />
        ) : (
          <Loading what="the camera" />
        )}
      </>
    );
  }

  const faults = dirty ? draftFaults(draft) : [];
  const accept = (camera: Camera) => {
    setBase(camera);
    setDraft(camera);
    setConflict(undefined);
    setError(undefined);
    cameras.reload();
  };
  const save = async (camera: Camera) => {
    setBusy(true);
    setError(undefined);
    try {
      const answer = await updateCamera(camera);
      if (answer.camera) accept(answer.camera);
      notify({
        key: 'camera',
        tone: 'ok',
        title: 'Camera saved',
        text: 'Its pipeline takes the change within seconds.',
      });
    } catch (problem) {
      const theirs =
        problem instanceof ApiError && problem.status === 409
          ? (await getCamera(cameraId).catch(() => undefined))?.camera
          : undefined;
      if (theirs && theirs.revision !== camera.revision) setConflict(theirs);
      else setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const remove = async () => {
    setBusy(true);
    try {
      await deleteCamera(cameraId);
      setLeaveGuard(undefined);
      cameras.reload();
      notify({ key: 'camera', tone: 'ok', title: `Camera ${cameraId} removed` });
      navigate('/cameras');
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
      setDeleting(false);
    }
  };

  const entry = byId.get(cameraId) ?? loaded.data;
  const current = TABS.find(([name]) => name === tab)?.[0] ?? 'zones';
  return (
    <>
      <Header
        title={
          <span className="row">
            <Link className="icon-button" href="/cameras" aria-label="Back to the cameras">
              <BackIcon />
            </Link>
            {cameraName({ camera: base }, cameraId)}
          </span>
        }
      >
        {entry && <HealthMark health={cameraHealth(entry, now)} />}
      </Header>
      <nav className="tabs" aria-label="Parts of the camera">
        {TABS.map(([name, label]) => (
          <Link
            key={name}
            href={`/cameras/${encodeURIComponent(cameraId)}/${name}`}
            aria-current={name === current ? 'page' : undefined}
          >
            {label}
            {name === 'zones' && ` ${draft.zones.length}`}
            {name === 'rules' && draft.rules.length > 0 && ` ${draft.rules.length}`}
          </Link>
        ))}
        <span className="grow" />
        {readOnly && <span className="muted small-text">Only admins change cameras.</span>}
      </nav>
      <div className="page-scroll editor-body">
        <Problem error={error} />
        {current === 'zones' && (
          <ZonesTab
            camera={draft}
            saved={base}
            readOnly={readOnly}
            onChange={(zones) => setDraft({ ...draft, zones })}
          >
            {!readOnly && <Rehearsal rehearsal={rehearsal} camera={draft} />}
          </ZonesTab>
        )}
        {current === 'rules' && (
          <RulesTab
            camera={draft}
            readOnly={readOnly}
            onChange={(rules) => setDraft({ ...draft, rules })}
          >
            {!readOnly && <Rehearsal rehearsal={rehearsal} camera={draft} />}
          </RulesTab>
        )}
        {current === 'settings' && (
          <SettingsTab
            camera={draft}
            readOnly={readOnly}
            onChange={(part) => setDraft({ ...draft, ...part })}
            onDelete={() => setDeleting(true)}
          />
        )}
      </div>
      {dirty && !readOnly && (
        <div className="save-bar" role="region" aria-label="Unsaved changes">
          <div className="grow">
            <strong>Unsaved changes</strong>{' '}
            <span className="muted">{differences(base, draft).join(', ')}</span>
            {faults.length > 0 && (
              <ul className="fault-list" role="alert">
                {faults.slice(0, 4).map((fault) => (
                  <li key={fault}>{fault}</li>
                ))}
              </ul>
            )}
          </div>
          <button type="button" className="button" onClick={() => setDraft(base)}>
            Discard
          </button>
          <button
            type="button"
            className="button primary"
            disabled={busy || faults.length > 0}
            onClick={() => void save(draft)}
          >
            {busy ? 'Saving …' : 'Save'}
          </button>
        </div>
      )}
      {conflict && (
        <Dialog title="Somebody else changed this camera" onClose={() => setConflict(undefined)}>
          <div className="dialog-body form">
            <p>
              You edited revision {base.revision}; revision {conflict.revision} is stored now. The
              other change touched:{' '}
              <strong>{differences(base, conflict).join(', ') || 'nothing that you see'}</strong>.
              Yours touches: <strong>{differences(base, draft).join(', ')}</strong>.
            </p>
            <p className="muted">Nothing was saved yet.</p>
          </div>
          <footer className="dialog-foot">
            <button type="button" className="button" onClick={() => accept(conflict)}>
              Take theirs, drop mine
            </button>
            <button
              type="button"
              className="button danger"
              disabled={busy}
              onClick={() =>
                void save({ ...merge(base, draft, conflict), revision: conflict.revision })
              }
            >
              Put mine over theirs
            </button>
          </footer>
        </Dialog>
      )}
      {deleting && (
        <Confirm
          title={`Remove ${cameraName({ camera: base }, cameraId)}?`}
          action="Remove the camera"
          busy={busy}
          onConfirm={() => void remove()}
          onClose={() => setDeleting(false)}
        >
          <p>
            It is no longer watched, and its zones and rules are gone. Its incidents and their
            evidence stay.
          </p>
        </Confirm>
      )}
    </>
  );
}

/** What the user changed, on top of what the other one stored. */
function merge(base: Camera, mine: Camera, theirs: Camera): Camera {
  const changed = (Object.keys(mine) as (keyof Camera)[]).filter(
    (key) => JSON.stringify(mine[key]) !== JSON.stringify(base[key]),
  );
  return { ...theirs, ...Object.fromEntries(changed.map((key) => [key, mine[key]])) };
}
