// What a tile says about its camera beside the picture: people, highest risk, and why there is no picture.
import { useEffect, useState } from 'react';
import type { FrameVerdict, GetCameraResponse } from '../gen/api';
import { cameraHealth, type Health } from '../lib/health';
import type { LiveHub } from './stream';

export interface TileFacts {
  health: Health;
  /** Whether there is a picture that is recent enough to be called live. */
  live: boolean;
  people: number;
  risk: number | undefined;
}

/** Without a frame for this long a picture is no longer live. */
const STALE_MS = 5000;

function highest(verdict: FrameVerdict | undefined): number | undefined {
  if (!verdict || verdict.risks.length === 0) return undefined;
  return Math.max(...verdict.risks.map((one) => one.risk));
}

export function useTile(hub: LiveHub, entry: GetCameraResponse, now: number): TileFacts {
  const cameraId = entry.camera?.cameraId ?? '';
  const [, setFrame] = useState('');
  useEffect(
    () =>
      hub.subscribe(cameraId, () => {
        const frame = hub.frame(cameraId);
        // Only what the tile says is state; the canvas draws the rest by itself.
        setFrame(
          `${frame?.verdict?.people.length ?? 0} ${highest(frame?.verdict)?.toFixed(2)} ${Boolean(frame)} ${hub.goneReason(cameraId)}`,
        );
      }),
    [hub, cameraId],
  );

  const frame = hub.frame(cameraId);
  const gone = hub.goneReason(cameraId);
  const live = Boolean(frame) && !gone && now - (frame?.arrived ?? 0) < STALE_MS;
  let health = cameraHealth(entry, now);
  if (live && frame?.verdict?.degraded.length && health.state === 'online') {
    health = cameraHealth(
      {
        ...entry,
        status: {
          ...entry.status!,
          pipeline: { ...entry.status!.pipeline!, degraded: frame.verdict.degraded },
        },
      },
      now,
    );
  }
  if (gone && health.state === 'online')
    health = { state: 'offline', label: 'No picture', reason: gone };
  return {
    health,
    live,
    people: live ? (frame?.verdict?.people.length ?? 0) : 0,
    risk: live ? highest(frame?.verdict) : undefined,
  };
}
