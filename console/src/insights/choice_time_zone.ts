// In which time zone the days and hours of a choice are.
import type { Camera, GetCameraResponse } from '../gen/api';
import { deviceTimeZone, sameClocks, usableTimeZone } from '../lib/time_zone';
import { zonesToCount } from './sums';
import type { Choice } from './query';

export interface ChoiceTimeZone {
  name: string;
  /** The camera whose zone it is; undefined where none of them has one, and it is this device's. */
  camera?: Camera;
  /** Whether another camera of the choice is in another zone. */
  mixed: boolean;
}

/** That of the first camera that has one, of those at which attention is counted. */
export function choiceTimeZone(
  cameras: readonly GetCameraResponse[],
  choice: Pick<Choice, 'stores' | 'cameras' | 'kinds'>,
): ChoiceTimeZone {
  const counting = new Set(zonesToCount(cameras, choice).map((zone) => zone.cameraId));
  const placed = cameras.flatMap(({ camera }) =>
    camera && counting.has(camera.cameraId) && usableTimeZone(camera.timeZone) ? [camera] : [],
  );
  const [first] = placed;
  return {
    name: first?.timeZone ?? deviceTimeZone(),
    camera: first,
    mixed: placed.some((camera) => !sameClocks(camera.timeZone, first!.timeZone, Date.now())),
  };
}
