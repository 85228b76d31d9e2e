// Runs other programs for the scripts of this folder. Their output stays visible, a signal to the script reaches them, and
// no process of theirs outlives the script, however it ends.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, realpathSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The top folder of the project. */
export const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** A failure that the user can repair: shown as a sentence, without a stack trace. */
export class Failure extends Error {}

const running = new Set();
let guard;
let scratch;
let ending = false;

/** Prints one line. */
export const say = (line) => process.stdout.write(`${line}\n`);

/** Prints a heading. */
export const heading = (title) => say(`\n=== ${title}`);

/**
 * Starts a program in a process group of its own. The group is killed when the program or this script ends, so that a test
 * that forgets a child leaves no process behind. Gives the child and `ended`, a promise of the exit code: 128 + signal when
 * it was killed, 127 when it could not be started.
 */
export function start(
  program,
  args,
  { env = {}, cwd = root, stdio = ['ignore', 'inherit', 'inherit'] } = {},
) {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio, detached: true });
  if (child.pid) {
    running.add(child);
    tellGuard('watch', child.pid);
  }
  const ended = new Promise((resolve) => {
    child.on('error', () => child.pid || resolve(127));
    child.on('exit', () => {
      running.delete(child);
      killGroup(child, 'SIGKILL');
      tellGuard('forget', child.pid);
    });
    child.on('close', (code, signal) => child.pid && resolve(code ?? 128 + constants.signals[signal]));
  });
  return { child, ended };
}

/** Runs a program to its end and gives its exit code. Its output is visible, each line after the label if there is one. */
export async function run(program, args, { label, ...options } = {}) {
  if (ending) return 1;
  if (label) options.stdio = ['ignore', 'pipe', 'pipe'];
  const { child, ended } = start(program, args, options);
  for (const output of label ? [child.stdout, child.stderr] : []) {
    createInterface(output).on('line', (line) => say(`${label} | ${line}`));
  }
  const code = await ended;
  if (code === 127) throw new Failure(`${program} is missing or does not start`);
  return code;
}

/** Like `run`, but an exit code other than 0 is a Failure that names the step. */
export async function must(step, program, args, options) {
  const code = await run(program, args, options);
  if (code !== 0) throw new Failure(`${step} failed (exit code ${code})`);
}

/** Runs a program without showing its output. Gives the exit code and the output. */
export async function ask(program, args, options) {
  const { child, ended } = start(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/**
 * A temporary folder that is removed when the script ends. It is also the TMPDIR of all programs that the script runs. Other
 * users may traverse it, because MariaDB changes its user.
 */
export function scratchFolder() {
  if (scratch) return scratch;
  scratch = mkdtempSync(path.join(tmpdir(), 'aikagi-'));
  chmodSync(scratch, 0o711);
  process.env.TMPDIR = scratch;
  tellGuard('watch', scratch);
  return scratch;
}

/** Tells the guard to watch (or to forget) a process group or a folder that must not outlive the script. */
function tellGuard(order, what) {
  if (!guard) {
    guard = spawn(process.execPath, [path.join(root, 'backend/scripts/guard.mjs')], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    guard.unref();
    guard.stdin.unref();
    guard.stdin.on('error', () => {});
  }
  guard.stdin.write(`${JSON.stringify([order, what])}\n`);
}

async function letGuardCleanUp() {
  if (!guard || guard.exitCode !== null || guard.signalCode !== null) return;
  guard.ref();
  guard.stdin.end();
  await once(guard, 'exit');
}

/**
 * Runs the body of a script when Node was started with that script, and exits with the code that the body gives. The path
 * that Node was given may lead through a symbolic link.
 */
export async function main(meta, body) {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(meta.url)) return;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => end(128 + constants.signals[signal], signal));
  }
  followNpm();
  let code;
  try {
    code = (await body(process.argv.slice(2))) ?? 0;
  } catch (error) {
    code = 1;
    console.error(error instanceof Failure ? `\n${error.message}` : error);
  }
  await end(code, 'SIGTERM');
}

// npm starts a shell for a script; "exec" in package.json replaces that shell by this process, so that a signal to npm
// reaches it. When npm is killed no signal comes: then this process has another parent.
function followNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 300).unref();
}

async function end(code, signal) {
  if (ending) return;
  ending = true;
  const left = [...running];
  for (const child of left) killGroup(child, signal);
  await Promise.race([
    Promise.all(left.map((child) => running.has(child) && once(child, 'exit'))),
    sleep(5000),
  ]);
  await letGuardCleanUp();
  process.exit(code);
}

function killGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}
