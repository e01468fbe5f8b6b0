// Cameras and live pictures of the mock gateway.
import type { Camera, GetCameraResponse, PreviewRulesResponse, Rule, Zone } from '../src/gen/api';
import { liveVerdict, rules as sharedRules, scenes } from './data-cameras';
import { makeIncident } from './data-incidents';
import type { MockGateway } from './mock-gateway';
import { admin, json, Problem, type Route } from './mock-http';

function find(gateway: MockGateway, id: string): GetCameraResponse {
  const found = gateway.cameras.find((one) => one.camera?.cameraId === id);
  if (!found) throw new Problem(404, 'Not Found', 'There is no such camera.');
  return found;
}

/** The lower the risk that a rule asks for, the more it would have raised. */
function rehearse(entry: GetCameraResponse, zones: Zone[], own: Rule[]): PreviewRulesResponse {
  const camera = entry.camera!;
  if (entry.status?.pipeline?.sourceState !== 'SOURCE_STATE_ONLINE')
    throw new Problem(
      503,
      'Service Unavailable',
      `No ingest replica runs the camera "${camera.cameraId}" at present, so there is nothing to try rules on.`,
    );
  const bad = zones.find((zone) => zone.polygon.length < 3);
  if (bad) throw new Problem(400, 'Bad Request', `Zone "${bad.zoneId}" needs at least 3 corners.`);
  const rules = own.length ? own : sharedRules;
  // A camera that began to run just now.
  if (camera.cameraId === 'storeroom')
    return { rules: rules.map(({ ruleId }) => ({ ruleId, incidents: 0, examples: [] })) };
  const now = Date.now();
  return {
    fromTime: new Date(now - 86_400_000).toISOString(),
    untilTime: new Date(now - 900).toISOString(),
    watched: '79320s',
    rules: rules.map((rule, n) => {
      const incidents =
        rule.kind === 'INCIDENT_KIND_FIGHT' ? 0 : Math.round((1 - (rule.minRisk || 0.8)) * 40) + n;
      return {
        ruleId: rule.ruleId,
        incidents,
        examples: Array.from({ length: Math.min(incidents, 5) }, (_, i) => ({
          ...makeIncident(40 + n * 7 + i, now - (i + 1) * 4_100_000 - n * 77_000, camera),
          kind: rule.kind,
          severity: rule.severity === 'SEVERITY_UNSPECIFIED' ? 'SEVERITY_WARNING' : rule.severity,
        })),
      };
    }),
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export function cameraRoutes(gateway: MockGateway, route: Route): void {
  route('GET', '/cameras', ({ response }) => {
    for (const { status } of gateway.cameras)
      if (status?.reportTime) status.reportTime = new Date().toISOString();
    json(response, { cameras: gateway.cameras, nextPageToken: '' });
  });
  route('GET', '/cameras/:id', ({ response, params }) => json(response, find(gateway, params[0]!)));
  route('POST', '/cameras', async ({ response, body }) => {
    const camera = (await body()) as unknown as Camera;
    if (gateway.cameras.some((one) => one.camera?.cameraId === camera.cameraId))
      throw new Problem(
        409,
        'Conflict',
        `A camera "${camera.cameraId}" is there already; choose another id.`,
      );
    const stored = { ...camera, revision: '1' };
    gateway.cameras.push({ camera: stored, status: { holder: '' } });
    response.statusCode = 201;
    json(response, { camera: stored });
  });
  route('PUT', '/cameras/:id', async ({ response, params, body, session }) => {
    if (session.principal.role !== 'ROLE_ADMIN')
      throw new Problem(403, 'Forbidden', 'Cameras are changed by admins.');
    const entry = find(gateway, params[0]!);
    const camera = (await body()) as unknown as Camera;
    if (camera.revision !== '0' && camera.revision !== entry.camera!.revision) {
      throw new Problem(
        409,
        'Conflict',
        `The camera was changed meanwhile: revision ${camera.revision} was sent, ${entry.camera!.revision} is stored. Read it again.`,
      );
    }
    if (camera.timeZone && !isTimeZone(camera.timeZone))
      throw new Problem(
        400,
        'Bad Request',
        `time_zone ${camera.timeZone} is not known; give a name of the IANA database, as in Europe/Berlin`,
      );
    entry.camera = { ...camera, revision: String(Number(entry.camera!.revision) + 1) };
    json(response, { camera: entry.camera });
  });
  route('DELETE', '/cameras/:id', ({ response, params }) => {
    find(gateway, params[0]!);
    gateway.cameras = gateway.cameras.filter((one) => one.camera?.cameraId !== params[0]);
    response.writeHead(204).end();
  });
  route('POST', '/probe', async ({ response, body }) => {
    const { sourceUrl } = (await body()) as unknown as { sourceUrl: string };
    if (!/^(rtsps?|https?|file):\/\/|^device:\d+$/.test(sourceUrl))
      throw new Problem(
        400,
        'Bad Request',
        'source_url must be rtsp://, rtsps://, http://, https://, file:///path or device:N.',
      );
    if (sourceUrl.includes('wrong'))
      json(response, {
        error: 'The camera refused the password (RTSP 401); check user and password.',
        width: 0,
        height: 0,
        fps: 0,
        codec: '',
      });
    else
      json(response, {
        error: '',
        width: 1920,
        height: 1080,
        fps: 25,
        codec: 'h264',
        picture: {
          encoding: 'IMAGE_ENCODING_JPEG',
          width: 480,
          height: 270,
          data: scenes[1]![3]!.jpeg,
        },
      });
  });
  route('GET', '/cameras/:id/snapshot', ({ response, params }) => {
    const entry = find(gateway, params[0]!);
    if (entry.status?.pipeline?.sourceState !== 'SOURCE_STATE_ONLINE')
      throw new Problem(
        503,
        'Service Unavailable',
        'The camera is not running, so there is no picture of it.',
      );
    response
      .writeHead(200, { 'Content-Type': 'image/jpeg' })
      .end(Buffer.from(scenes[0]![4]!.jpeg, 'base64'));
  });
  route(
    'POST',
    '/cameras/:id/rules/preview',
    admin(async ({ response, params, body }) => {
      const { zones, rules } = (await body()) as unknown as Pick<Camera, 'zones' | 'rules'>;
      json(response, rehearse(find(gateway, params[0]!), zones, rules));
    }),
  );
  route('GET', '/live', ({ response, query }) => {
    const ids = query.getAll('cameraIds');
    const fps = Number(query.get('fps')) || 5;
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    let tick = 0;
    const send = () => {
      ids.forEach((cameraId, i) => {
        const at = gateway.cameras.findIndex((one) => one.camera?.cameraId === cameraId);
        const pipeline = gateway.cameras[at]?.status?.pipeline;
        if (pipeline?.sourceState !== 'SOURCE_STATE_ONLINE') {
          if (tick % 10 === 0)
            response.write(
              `event: gone\ndata: ${JSON.stringify({ cameraId, detail: pipeline ? 'The camera is offline.' : 'No ingest replica runs the camera.' })}\n\n`,
            );
          return;
        }
        const { verdict, jpeg } = liveVerdict(at, tick + i * 5 + at * 3, at, pipeline.degraded);
        const frame = {
          verdict,
          image: { encoding: 'IMAGE_ENCODING_JPEG', width: 480, height: 270, data: jpeg },
        };
        response.write(`event: frame\ndata: ${JSON.stringify({ cameraId, frame })}\n\n`);
      });
      tick++;
    };
    send();
    gateway.liveStreams++;
    const timer = setInterval(send, 1000 / fps);
    gateway.timers.add(timer);
    response.on('close', () => {
      clearInterval(timer);
      gateway.timers.delete(timer);
      gateway.liveStreams--;
    });
  });
}
