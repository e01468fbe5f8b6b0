// `npm run mock`: the mock gateway for `npm run dev`, with an incident every 20 seconds.
import { fileURLToPath } from 'node:url';
import { MockGateway, PASSWORD } from './mock-gateway';

const gateway = new MockGateway(fileURLToPath(new URL('../../build/console', import.meta.url)));
const address = await gateway.listen(Number(process.env.PORT ?? 8480));
console.log(
  `mock gateway at ${address}; log in as a.admin, m.keller or night.desk with "${PASSWORD}"`,
);
setInterval(() => gateway.openIncident(), 20_000);
