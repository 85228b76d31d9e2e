// Checks that Node and Go are installed and new enough, as package.json and go.mod require, and builds tools with Go.

import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Failure, ask, root, say } from './command.mjs';

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

const older = (found, wanted) => found.localeCompare(wanted, 'en', { numeric: true }) < 0;

const read = (name) => readFileSync(path.join(root, name), 'utf8');

/**
 * Gives the path of a Go program that a module in backend/tools names as a tool. Go builds it, which takes two or three
 * minutes for the linters, unless it still has it in its cache.
 */
export async function goTool(name, module = name) {
  say(`building ${name}, unless Go has it in its cache`);
  const { code, stdout, stderr } = await ask('go', ['tool', '-n', name], {
    cwd: path.join(root, 'backend/tools', module),
    env: { CGO_ENABLED: '0' },
  });
  if (code !== 0) throw new Failure(`the build of ${name} failed: ${stderr}`);
  return stdout.trim();
}
