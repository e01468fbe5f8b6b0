// Asks grpc.health.v1 as the kubelet's gRPC probe does: one unary Check, plaintext.
import http2 from 'node:http2';

const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/// SERVING, NOT_SERVING, ... or "grpc-status N" where the call fails. Rejects where nothing answers.
export function check(port, service) {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    session.on('error', reject);
    const call = session.request({
      ':method': 'POST', ':path': '/grpc.health.v1.Health/Check', 'content-type': 'application/grpc', te: 'trailers',
    });
    const name = Buffer.from(service);
    const message = name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    const chunks = [];
    let status;
    call.on('response', (headers) => { status = headers['grpc-status']; });
    call.on('trailers', (headers) => { status = headers['grpc-status']; });
    call.on('data', (chunk) => chunks.push(chunk));
    call.on('error', reject);
    call.on('close', () => {
      session.close();
      if (status === undefined) return reject(new Error('the connection ended without an answer'));
      const body = Buffer.concat(chunks).subarray(5);
      return resolve(Number(status) === 0 ? statuses[body[0] === 0x08 ? body[1] : 0] : `grpc-status ${status}`);
    });
    call.setTimeout(5000, () => call.destroy(new Error('no answer within 5 s')));
    call.end(Buffer.concat([head, message]));
  });
}
