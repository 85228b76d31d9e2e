import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { patience } from './patience';

/** The top folder of the repository. */
export const top = join(import.meta.dirname, '../..');

const execute = promisify(execFile);

/** A program that runs beside the tests. */
export interface Running<T> {
  /** What the program wrote when it was ready. */
  said: T;
  /** Ends the program. Rejects when it has ended by itself. */
  stop(): Promise<void>;
}

/**
 * Starts a program and waits until `parse` returns a value for a line of its output. Rejects with all lines when the program
 * cannot be started, ends before that, or takes longer than `patience`.
 */
export async function start<T>(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  parse: (line: string) => T | undefined,
): Promise<Running<T>> {
  const child = spawn(program, args, { cwd: top, env, stdio: 'pipe' });
  const lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    const said = await new Promise<T>((resolve, reject) => {
      const fail = (why: string) => {
        reject(new Error(`${basename(program)} ${why}; it wrote:\n${lines.join('\n')}`));
      };
      for (const stream of [child.stdout, child.stderr]) {
        createInterface(stream).on('line', (line) => {
          lines.push(line);
          const parsed = parse(line);
          if (parsed !== undefined) resolve(parsed);
        });
      }
      child.on('error', (error) => {
        fail(`does not start (${error.message})`);
      });
      child.on('close', (code, signal) => {
        fail(`ended (${String(code ?? signal)})`);
      });
      timer = setTimeout(() => {
        fail('did not get ready');
      }, patience);
    });
    return {
      said,
      stop: async () => {
        if (isRunning(child)) return stop(child);
        throw new Error(
          `${basename(program)} ended during the tests; it wrote:\n${lines.slice(-50).join('\n')}`,
        );
      },
    };
  } catch (error) {
    if (isRunning(child)) await stop(child);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a program to its end and returns its output. Rejects when it fails. */
export async function run(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  return (await execute(program, args, { cwd: top, env })).stdout;
}

/** The fields of a line of JSON; none when the line is not JSON. */
export function fieldsOf(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), patience);
  await exited;
  clearTimeout(late);
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
