// Checks that Node and Go are installed and new enough, as package.json and go.mod require.

import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Failure, ask, root } from './command.mjs';

/** Throws a Failure that names the version needed when Node is too old. */
export function requireNode() {
  const wanted = JSON.parse(read('package.json')).engines.node.replace('>=', '');
  if (older(process.versions.node, wanted)) {
    throw new Failure(
      `Node ${process.versions.node} is too old: Aikagi needs Node ${wanted} or newer (https://nodejs.org).`,
    );
  }
}

/** Throws a Failure that names the version needed when Go is missing or too old. */
export async function requireGo() {
  const wanted = /^go (\S+)$/m.exec(read('go.mod'))[1];
  const advice = `Aikagi needs Go ${wanted} or newer (https://go.dev/dl) on the PATH.`;
  const { code, stdout, stderr } = await ask('go', ['env', 'GOVERSION']);
  if (code === 127) throw new Failure(`Go is missing: ${advice}`);
  const found = stdout.trim().replace('go', '');
  if (code !== 0) throw new Failure(`Go does not run: ${stderr.trim()}\n${advice}`);
  if (older(found, wanted)) throw new Failure(`Go ${found} is too old: ${advice}`);
}

function older(found, wanted) {
  const [a, b] = [found, wanted].map((version) => version.split(/[.\-a-z]+/).map(Number));
  for (let i = 0; i < b.length; i++) {
    if ((a[i] ?? 0) !== b[i]) return (a[i] ?? 0) < b[i];
  }
  return false;
}

const read = (name) => readFileSync(path.join(root, name), 'utf8');
