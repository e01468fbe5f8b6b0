// Renders a kustomization with the kustomize that is there, as a list of plain objects.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

// Set by ./run, which has looked for one: "kubectl kustomize" or "kustomize build".
const command = (process.env.KUSTOMIZE ?? 'kubectl kustomize').split(' ');

export function parse(text) {
  return parseAllDocuments(text)
    .map((document) => {
      if (document.errors.length > 0) throw document.errors[0];
      return document.toJS();
    })
    .filter((object) => object !== null);
}

/// `folder` is relative to the repository's root. Throws what kustomize says.
export function render(folder) {
  const done = spawnSync(command[0], [...command.slice(1), folder], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`${command.join(' ')} ${folder}: ${done.stderr ?? done.error}`);
  if (done.stderr !== '') throw new Error(`${command.join(' ')} ${folder} warns: ${done.stderr}`);
  return parse(done.stdout);
}

/// Ours, and `options` with the components that none of ours has.
export const overlays = ['trial', 'cpu', 'gpu', 'options'];

export function folderOf(overlay) {
  return overlay === 'options' ? 'tests/k8s/options' : `k8s/overlays/${overlay}`;
}
