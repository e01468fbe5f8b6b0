// A zone with its camera and kind, as every part of the page tells it.
import { zoneWords } from '../lib/words';
import type { ZoneCounts } from './sums';

/** Names of the camera and of the zone; their ids where they have none or are gone. */
export type NameZone = (zone: Pick<ZoneCounts, 'cameraId' | 'zoneId'>) => {
  camera: string;
  zone: string;
};

export function ZoneName({
  zone,
  nameOf,
}: {
  zone: Pick<ZoneCounts, 'cameraId' | 'zoneId' | 'zoneKind' | 'storeId'>;
  nameOf: NameZone;
}) {
  const names = nameOf(zone);
  return (
    <>
      {names.zone}
      <span className="block-text muted small-text">
        {zoneWords[zone.zoneKind]} · {names.camera} · {zone.storeId}
      </span>
    </>
  );
}
