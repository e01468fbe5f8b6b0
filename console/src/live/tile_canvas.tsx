// A canvas that shows a camera's newest frame, at the display's own resolution.
import { useEffect, useRef } from 'react';
import { drawFrame, type DrawOptions } from './draw';
import type { LiveHub } from './stream';

export function LiveCanvas({
  hub,
  cameraId,
  name,
  options,
}: {
  hub: LiveHub;
  cameraId: string;
  name: string;
  options: DrawOptions;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(options);
  latest.current = options;
  const redraw = useRef<() => void>(() => {});

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    let pending = 0;
    const draw = () => {
      pending = 0;
      const frame = hub.frame(cameraId);
      if (frame) drawFrame(element, frame, window.devicePixelRatio || 1, latest.current);
    };
    const ask = () => {
      pending ||= requestAnimationFrame(draw);
    };
    redraw.current = ask;
    const sizes = new ResizeObserver(() => {
      const ratio = window.devicePixelRatio || 1;
      element.width = Math.max(1, Math.round(element.clientWidth * ratio));
      element.height = Math.max(1, Math.round(element.clientHeight * ratio));
      draw();
    });
    sizes.observe(element);
    const unsubscribe = hub.subscribe(cameraId, ask);
    return () => {
      unsubscribe();
      sizes.disconnect();
      cancelAnimationFrame(pending);
    };
  }, [hub, cameraId]);
  useEffect(() => redraw.current(), [options]);

  return (
    <canvas
      ref={canvas}
      className="live-canvas"
      role="img"
      aria-label={`Live picture of ${name}`}
    />
  );
}
