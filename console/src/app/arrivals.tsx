// Tells of incidents as they open or become more severe, on every page but the list, which shows them itself.
import { useRef } from 'react';
import { instant, storeClock } from '../lib/time';
import { kindWords, severityRank, severityWords } from '../lib/words';
import { navigate, usePlace } from '../lib/router';
import { useNotifier } from '../ui/notify';
import { SeverityMark } from '../ui/parts';
import { useCameras } from './cameras';
import { useChanges } from './feed';

export function Arrivals() {
  const { notify, dismiss } = useNotifier();
  const { nameOf, timeZoneOf } = useCameras();
  const { path } = usePlace();
  const told = useRef(new Map<string, number>());

  useChanges((change) => {
    if (change.kind !== 'transition') return;
    const { incident } = change.transition;
    if (!incident) return;
    const id = incident.incidentId;
    if (incident.state === 'INCIDENT_STATE_CLOSED') {
      told.current.delete(id);
      return;
    }
    const rank = severityRank[incident.severity];
    const before =
      told.current.get(id) ?? (change.transition.kind === 'TRANSITION_KIND_OPENED' ? -1 : rank);
    told.current.set(id, rank);
    if (rank <= before || path === '/incidents' || path === `/incidents/${id}`) return;
    const camera = nameOf(incident.cameraId);
    notify({
      key: id,
      tone: rank >= 3 ? 'critical' : rank === 2 ? 'warning' : 'info',
      title: (
        <>
          <SeverityMark severity={incident.severity} /> {kindWords[incident.kind]}
        </>
      ),
      text: `${camera} · ${storeClock(instant(incident.openedTime), timeZoneOf(incident.cameraId, incident.storeId))}`,
      spoken: `${severityWords[incident.severity]}: ${kindWords[incident.kind]} at ${camera}`,
      sticky: rank >= 3,
      action: {
        label: 'Open',
        run: () => {
          dismiss(id);
          navigate(`/incidents/${id}`);
        },
      },
    });
  });
  return null;
}
