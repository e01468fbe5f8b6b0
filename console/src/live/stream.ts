// Live pictures of several cameras over one stream: browsers allow six connections to a host, so a
// wall of cameras cannot have one each. Keeps the newest frame of each and drops what is not drawn in time.
import { useEffect, useMemo, useState } from 'react';
import type { FrameVerdict, WatchLiveResponse } from '../gen/api';
import { liveUrl } from '../api/endpoints';
import { openStream, type SseEvent, type StreamState } from '../api/sse';

export interface LiveFrame {
  verdict: FrameVerdict | undefined;
  /** Decoded picture; the hub closes it when a newer one comes. */
  picture: ImageBitmap | undefined;
  /** When it arrived, by this machine's clock. */
  arrived: number;
}

type Listener = () => void;

/** Decodes base64 without data: URLs, which the CSP refuses. */
function jpeg(base64: string): Blob {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new Blob([bytes], { type: 'image/jpeg' });
}

export class LiveHub {
  private readonly frames = new Map<string, LiveFrame>();
  private readonly gone = new Map<string, string>();
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly decoding = new Set<string>();
  private readonly waiting = new Map<string, WatchLiveResponse>();
  private closed = false;

  frame(cameraId: string): LiveFrame | undefined {
    return this.frames.get(cameraId);
  }

  /** Why the camera gives no pictures; empty where it does. */
  goneReason(cameraId: string): string {
    return this.gone.get(cameraId) ?? '';
  }

  subscribe(cameraId: string, listener: Listener): () => void {
    const set = this.listeners.get(cameraId) ?? new Set();
    set.add(listener);
    this.listeners.set(cameraId, set);
    return () => set.delete(listener);
  }

  take({ event, data }: SseEvent): void {
    if (event === 'frame') {
      const { cameraId, frame } = JSON.parse(data) as {
        cameraId: string;
        frame: WatchLiveResponse;
      };
      this.gone.delete(cameraId);
      // While one picture is decoded only the newest of those that follow is kept.
      if (this.decoding.has(cameraId)) this.waiting.set(cameraId, frame);
      else void this.decode(cameraId, frame);
    } else if (event === 'gone') {
      const { cameraId, detail } = JSON.parse(data) as { cameraId: string; detail: string };
      this.gone.set(cameraId, detail || 'The camera is not running.');
      this.announce(cameraId);
    }
  }

  close(): void {
    this.closed = true;
    this.frames.forEach((frame) => frame.picture?.close());
    this.frames.clear();
  }

  private async decode(cameraId: string, frame: WatchLiveResponse): Promise<void> {
    this.decoding.add(cameraId);
    let picture: ImageBitmap | undefined;
    try {
      if (frame.image?.data) picture = await createImageBitmap(jpeg(frame.image.data));
    } catch {
      // A broken picture is passed over; the one before stays.
      picture = undefined;
    }
    this.decoding.delete(cameraId);
    if (this.closed) {
      picture?.close();
      return;
    }
    const before = this.frames.get(cameraId);
    if (picture) before?.picture?.close();
    this.frames.set(cameraId, {
      verdict: frame.verdict,
      picture: picture ?? before?.picture,
      arrived: Date.now(),
    });
    this.announce(cameraId);
    const next = this.waiting.get(cameraId);
    if (next) {
      this.waiting.delete(cameraId);
      void this.decode(cameraId, next);
    }
  }

  private announce(cameraId: string): void {
    this.listeners.get(cameraId)?.forEach((listener) => listener());
  }
}

/** Streams the cameras while the page is seen; a hidden page costs the cluster nothing. */
export function useLive(
  cameraIds: readonly string[],
  fps: number,
  epoch: number,
): { hub: LiveHub; state: StreamState } {
  const key = cameraIds.join(' ');
  const hub = useMemo(() => new LiveHub(), [key, epoch]);
  const [state, setState] = useState<StreamState>({ kind: 'connecting' });

  useEffect(() => {
    if (!key) return;
    let stop: (() => void) | undefined;
    const start = () => {
      stop ??= openStream({
        url: liveUrl(key.split(' '), fps),
        onEvent: (event) => hub.take(event),
        onState: setState,
      });
    };
    const follow = () => {
      if (!document.hidden) start();
      else {
        stop?.();
        stop = undefined;
      }
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      stop?.();
    };
  }, [key, fps, hub]);
  useEffect(() => () => hub.close(), [hub]);
  return { hub, state };
}
