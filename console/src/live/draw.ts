// Draws a live frame and what the cluster says of it onto a canvas.
import type { FrameVerdict, Zone } from '../gen/api';
import { risk as riskText } from '../lib/words';
import { contain, limbs, MIN_CONFIDENCE, project, riskColour, type Placement } from './skeleton';
import type { LiveFrame } from './stream';

export interface DrawOptions {
  skeletons: boolean;
  boxes: boolean;
  labels: boolean;
  /** Zones to outline; none on the wall. */
  zones: readonly Zone[];
  /** Line widths and letters for the wall's small tiles or the large view. */
  large: boolean;
}

/** Risk from which a small tile's label tells it. */
const LABEL_RISK = 0.5;
const FONT = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** `canvas` has its size in device pixels already; `ratio` is device pixels per CSS pixel. */
export function drawFrame(
  canvas: HTMLCanvasElement,
  frame: LiveFrame,
  ratio: number,
  options: DrawOptions,
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.clearRect(0, 0, canvas.width, canvas.height);
  const picture = frame.picture;
  const at = contain(canvas.width, canvas.height, picture?.width ?? 16, picture?.height ?? 9);
  if (picture) context.drawImage(picture, at.x, at.y, at.width, at.height);
  drawZones(context, options.zones, lookedAt(frame.verdict), at, ratio);
  if (frame.verdict) drawPeople(context, frame.verdict, at, ratio, options);
}

/** Zones that anybody in the frame looks at. */
export function lookedAt(verdict: FrameVerdict | undefined): ReadonlySet<string> {
  return new Set(verdict?.risks.flatMap((risk) => risk.lookingAtZoneIds));
}

/** Dashed; one that somebody looks at has a whole line and a stronger ground. */
function drawZones(
  context: CanvasRenderingContext2D,
  zones: readonly Zone[],
  looked: ReadonlySet<string>,
  at: Placement,
  ratio: number,
): void {
  for (const zone of zones) {
    const seen = looked.has(zone.zoneId);
    context.lineWidth = (seen ? 2 : 1.2) * ratio;
    context.setLineDash(seen ? [] : [5 * ratio, 4 * ratio]);
    context.beginPath();
    zone.polygon.forEach((corner, i) => {
      const { x, y } = project(corner, at);
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    });
    context.closePath();
    context.strokeStyle = seen ? 'rgba(112, 200, 220, 0.95)' : 'rgba(190, 215, 230, 0.75)';
    context.fillStyle = seen ? 'rgba(112, 200, 220, 0.2)' : 'rgba(190, 215, 230, 0.07)';
    context.fill();
    context.stroke();
  }
  context.setLineDash([]);
}

function drawPeople(
  context: CanvasRenderingContext2D,
  verdict: FrameVerdict,
  at: Placement,
  ratio: number,
  options: DrawOptions,
): void {
  const risks = new Map(verdict.risks.map((one) => [one.trackId, one.risk]));
  const width = (options.large ? 2.4 : 1.6) * ratio;
  context.lineJoin = 'round';
  context.lineCap = 'round';
  // The riskiest are drawn last and lie on top.
  const people = verdict.people
    .flatMap((one) => one.person ?? [])
    .sort((a, b) => (risks.get(a.trackId) ?? 0) - (risks.get(b.trackId) ?? 0));
  for (const person of people) {
    const risk = risks.get(person.trackId);
    const colour = riskColour(risk);
    if (options.skeletons) {
      const segments = limbs(person.keypoints, at);
      // A dark line below keeps the bright one legible on any clothes.
      for (const [style, extra] of [
        ['rgba(6, 10, 14, 0.65)', 2 * ratio],
        [colour, 0],
      ] as const) {
        context.strokeStyle = style;
        context.lineWidth = width + extra;
        context.beginPath();
        for (const { from, to } of segments) {
          context.moveTo(from.x, from.y);
          context.lineTo(to.x, to.y);
        }
        context.stroke();
      }
      context.fillStyle = colour;
      for (const joint of person.keypoints) {
        if (joint.confidence < MIN_CONFIDENCE) continue;
        const { x, y } = project(joint, at);
        context.beginPath();
        context.arc(x, y, width * 0.95, 0, 2 * Math.PI);
        context.fill();
      }
    }
    if (person.box && (options.boxes || options.labels)) {
      const corner = project(person.box, at);
      const boxWidth = person.box.width * at.width;
      if (options.boxes) {
        context.strokeStyle = colour;
        context.lineWidth = 1.2 * ratio;
        context.strokeRect(corner.x, corner.y, boxWidth, person.box.height * at.height);
      }
      if (options.labels)
        label(context, person.trackId, risk, colour, corner, at, ratio, options.large);
    }
  }
  for (const thing of verdict.objects) {
    if (!thing.box || !thing.isWeapon) continue;
    const corner = project(thing.box, at);
    context.strokeStyle = riskColour(1);
    context.lineWidth = 2 * ratio;
    context.strokeRect(
      corner.x,
      corner.y,
      thing.box.width * at.width,
      thing.box.height * at.height,
    );
    tag(
      context,
      `${thing.className} ${riskText(thing.score)}`,
      riskColour(1),
      corner,
      at,
      ratio,
      options.large,
    );
  }
}

function label(
  context: CanvasRenderingContext2D,
  trackId: string,
  risk: number | undefined,
  colour: string,
  corner: { x: number; y: number },
  at: Placement,
  ratio: number,
  large: boolean,
): void {
  // On the wall a crowd's labels would hide each other; there the number says enough until it matters.
  const short = risk === undefined || (!large && risk < LABEL_RISK);
  tag(
    context,
    short ? `#${trackId}` : `#${trackId}  ${riskText(risk)}`,
    colour,
    corner,
    at,
    ratio,
    large,
  );
}

function tag(
  context: CanvasRenderingContext2D,
  text: string,
  colour: string,
  corner: { x: number; y: number },
  at: Placement,
  ratio: number,
  large: boolean,
): void {
  const size = (large ? 13 : 10.5) * ratio;
  context.font = `600 ${size}px ${FONT}`;
  context.textBaseline = 'middle';
  const pad = 4 * ratio;
  const height = size + pad;
  const width = context.measureText(text).width + 2 * pad;
  const x = Math.min(Math.max(corner.x, at.x), at.x + at.width - width);
  const y = Math.max(corner.y - height, at.y);
  context.fillStyle = 'rgba(8, 12, 16, 0.82)';
  context.fillRect(x, y, width, height);
  context.fillStyle = colour;
  context.fillRect(x, y, 2.5 * ratio, height);
  context.fillText(text, x + pad + 1.5 * ratio, y + height / 2 + 0.5 * ratio);
}
