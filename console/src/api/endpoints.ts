// One function per call of the gateway's REST API; the messages are the protos' own.
import type {
  ApiToken,
  Camera,
  CreateApiTokenResponse,
  CreateCameraResponse,
  CreateUserResponse,
  CreateWebhookResponse,
  DeliveryState,
  GetCameraResponse,
  GetIncidentResponse,
  ListApiTokensResponse,
  ListAttentionResponse,
  ListAuditEntriesResponse,
  ListCamerasResponse,
  ListDeliveriesResponse,
  ListEvidenceResponse,
  ListIncidentsResponse,
  ListUsersResponse,
  ListWebhooksResponse,
  PreviewRulesResponse,
  Principal,
  ProbeSourceResponse,
  ReviewIncidentResponse,
  ReviewState,
  Rule,
  SetIncidentHoldResponse,
  TestWebhookResponse,
  UpdateCameraResponse,
  UpdateUserResponse,
  UpdateWebhookResponse,
  User,
  Webhook,
  Zone,
} from '../gen/api';
import { apiUrl, call, callForBlob, checkDownload, type Query } from './client';

const id = encodeURIComponent;

export interface SessionAnswer {
  principal: Principal;
  csrfToken: string;
}

export const getSession = (signal?: AbortSignal) =>
  call<SessionAnswer>('GET', '/session', { signal, keepSession: true });
export const login = (name: string, password: string) =>
  call<SessionAnswer>('POST', '/session', { body: { name, password }, keepSession: true });
export const logout = () => call<void>('DELETE', '/session', { keepSession: true });
export const changePassword = (currentPassword: string, newPassword: string) =>
  call<void>('POST', '/session/password', { body: { currentPassword, newPassword } });

export const listIncidents = (query: Query, signal?: AbortSignal) =>
  call<ListIncidentsResponse>('GET', '/incidents', { query, signal });
export const getIncident = (incident: string, signal?: AbortSignal) =>
  call<GetIncidentResponse>('GET', `/incidents/${id(incident)}`, { signal });
export const reviewIncident = (incident: string, state: ReviewState, note: string) =>
  call<ReviewIncidentResponse>('POST', `/incidents/${id(incident)}/reviews`, {
    body: { state, note },
  });
export const holdIncident = (incident: string, hold: boolean) =>
  call<SetIncidentHoldResponse>('PUT', `/incidents/${id(incident)}/hold`, { body: { hold } });
export const listEvidence = (incident: string, signal?: AbortSignal) =>
  call<ListEvidenceResponse>('GET', `/incidents/${id(incident)}/evidence`, { signal });
const exportPath = (incident: string) => `/incidents/${id(incident)}/export`;
export const exportUrl = (incident: string) => apiUrl(exportPath(incident));
export const checkExport = (incident: string) => checkDownload(exportPath(incident));
export const evidenceUrl = (evidence: string) => apiUrl(`/evidence/${id(evidence)}`);
export const getEvidenceJson = (evidence: string, signal?: AbortSignal) =>
  call<unknown>('GET', `/evidence/${id(evidence)}`, { signal });
export const incidentStreamUrl = () => apiUrl('/incidents/stream');

/** Every camera that the session may see, page by page. */
export async function listCameras(signal?: AbortSignal): Promise<GetCameraResponse[]> {
  const cameras: GetCameraResponse[] = [];
  let pageToken = '';
  do {
    const page = await call<ListCamerasResponse>('GET', '/cameras', {
      query: { pageSize: 500, pageToken },
      signal,
    });
    cameras.push(...page.cameras);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return cameras;
}
export const getCamera = (camera: string, signal?: AbortSignal) =>
  call<GetCameraResponse>('GET', `/cameras/${id(camera)}`, { signal });
export const createCamera = (camera: Camera) =>
  call<CreateCameraResponse>('POST', '/cameras', { body: camera });
export const updateCamera = (camera: Camera) =>
  call<UpdateCameraResponse>('PUT', `/cameras/${id(camera.cameraId)}`, { body: camera });
export const deleteCamera = (camera: string) => call<void>('DELETE', `/cameras/${id(camera)}`);
export const probeSource = (sourceUrl: string) =>
  call<ProbeSourceResponse>('POST', '/probe', { body: { sourceUrl } });
/** The newest live picture. The browser keeps no copy, and a refusal says why. */
export const getSnapshot = (camera: string, signal?: AbortSignal) =>
  callForBlob(`/cameras/${id(camera)}/snapshot`, { signal });
/** What the zones and rules would have raised on the camera's last day. Nothing is stored. */
export const previewRules = (camera: string, zones: readonly Zone[], rules: readonly Rule[]) =>
  call<PreviewRulesResponse>('POST', `/cameras/${id(camera)}/rules/preview`, {
    body: { zones, rules },
  });
export const liveUrl = (cameraIds: readonly string[], fps: number) =>
  apiUrl('/live', { cameraIds, images: true, fps });

export const listAttention = (query: Query, signal?: AbortSignal) =>
  call<ListAttentionResponse>('GET', '/attention', { query, signal });
export const getAttentionCsv = async (query: Query) =>
  (await callForBlob('/attention.csv', { query })).text();

/** What GET /system tells of one service. */
export interface ServiceStatus {
  name: string;
  address: string;
  ready: boolean;
  version: string;
  models: { role: string; name: string; version: string }[];
  metrics: Record<string, number | null>;
  /** Why nothing is known of it; empty where something is. */
  error: string;
}
export interface SystemStatus {
  services: ServiceStatus[];
  /** Empty where none is configured. */
  grafanaUrl: string;
}
export const getSystem = (signal?: AbortSignal) => call<SystemStatus>('GET', '/system', { signal });

export const listUsers = (signal?: AbortSignal) =>
  call<ListUsersResponse>('GET', '/users', { signal });
export const createUser = (user: Partial<User>, password: string) =>
  call<CreateUserResponse>('POST', '/users', { body: { user, password } });
export const updateUser = (user: User, password: string) =>
  call<UpdateUserResponse>('PUT', `/users/${id(user.name)}`, { body: { user, password } });
export const deleteUser = (name: string) => call<void>('DELETE', `/users/${id(name)}`);

export const listTokens = (signal?: AbortSignal) =>
  call<ListApiTokensResponse>('GET', '/tokens', { signal });
export const createToken = (token: Partial<ApiToken>) =>
  call<CreateApiTokenResponse>('POST', '/tokens', { body: { token } });
export const revokeToken = (token: string) => call<void>('DELETE', `/tokens/${id(token)}`);

export const listWebhooks = (signal?: AbortSignal) =>
  call<ListWebhooksResponse>('GET', '/webhooks', { signal });
export const createWebhook = (webhook: Partial<Webhook>) =>
  call<CreateWebhookResponse>('POST', '/webhooks', { body: { webhook } });
export const updateWebhook = (webhook: Webhook) =>
  call<UpdateWebhookResponse>('PUT', `/webhooks/${id(webhook.webhookId)}`, { body: { webhook } });
export const deleteWebhook = (webhook: string) => call<void>('DELETE', `/webhooks/${id(webhook)}`);
export const testWebhook = (webhook: string) =>
  call<TestWebhookResponse>('POST', `/webhooks/${id(webhook)}/test`, { body: {} });
export const listDeliveries = (
  webhook: string,
  state: DeliveryState | undefined,
  pageToken: string,
  signal?: AbortSignal,
) =>
  call<ListDeliveriesResponse>('GET', `/webhooks/${id(webhook)}/deliveries`, {
    query: { state, pageToken },
    signal,
  });
export const retryDelivery = (delivery: string) =>
  call<unknown>('POST', `/deliveries/${id(delivery)}/retry`, { body: {} });

export const listAuditEntries = (query: Query, signal?: AbortSignal) =>
  call<ListAuditEntriesResponse>('GET', '/audit', { query, signal });
