// `aislewatch up` for tests in a browser: the programs, a cluster in a folder, and its REST API.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const bin = process.env.AISLEWATCH_BIN_DIR ?? path.join(root, 'build/release/bin');

/** Ends the program as skipped (77) where one of [file, remedy] is missing. */
export function skipWithout(needs) {
  for (const [file, remedy] of needs) {
    if (fs.existsSync(file)) continue;
    console.log(`skipped: there is no ${file}; ${remedy}`);
    process.exit(77);
  }
}

/** What `condition` gives, once it gives something. */
export async function until(what, condition, seconds = 60) {
  const end = Date.now() + 1000 * seconds;
  for (;;) {
    const value = await condition();
    if (value) return value;
    assert.ok(Date.now() < end, `not within ${seconds} s: ${what}`);
    await pause(100);
  }
}

export const aislewatch = (...args) =>
  execFileSync(path.join(bin, 'aislewatch'), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

export class Cluster {
  /** Starts it with its data in `folder`/data. */
  static async start(folder, ...flags) {
    const cluster = new Cluster();
    cluster.data = path.join(folder, 'data');
    cluster.log = path.join(folder, 'up.log');
    const out = fs.openSync(cluster.log, 'w');
    cluster.child = spawn(path.join(bin, 'aislewatch'),
      ['up', '--data-dir', cluster.data, '--http-listen', '127.0.0.1:0',
        `--model-repository=${root}/models/pretrained`, `--model-repository=${root}/build/models`, ...flags],
      { stdio: ['ignore', out, out] });
    cluster.address = await until('the console has an address', () => {
      const said = fs.readFileSync(cluster.log, 'utf8');
      assert.equal(cluster.child.exitCode, null, said);
      return said.includes('Ctrl-C') && said.match(/^console (http:\S+)\/$/m)?.[1];
    }, 130).catch((error) => {
      cluster.child.kill('SIGINT');
      throw error;
    });
    return cluster;
  }

  async stop() {
    this.child.kill('SIGINT');
    await until('the cluster ends', () => this.child.exitCode !== null || this.child.signalCode !== null)
      .catch(() => this.child.kill('SIGKILL'));
  }

  /** A command of the command line on this cluster. */
  command(...args) {
    return aislewatch(...args, '--data-dir', this.data);
  }

  async api(url, options = {}) {
    const answer = await fetch(`${this.address}/api/v1${url}`, options);
    return { status: answer.status, body: answer.status === 204 ? null : await answer.json(), headers: answer.headers };
  }

  post(url, body, headers = {}) {
    return this.api(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  }

  /** Headers of a session, and its cookie as it came. */
  async login(name, password) {
    const { status, body, headers } = await this.post('/session', { name, password });
    assert.equal(status, 200, JSON.stringify(body));
    const cookies = headers.get('set-cookie');
    return { headers: { cookie: cookies.split(';')[0], 'x-csrf-token': body.csrfToken }, cookies };
  }
}
