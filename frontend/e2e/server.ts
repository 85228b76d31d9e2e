import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hashOf, type Member } from './members';

const top = join(import.meta.dirname, '../..');
const program = join(top, 'bin/aikagi');
const execute = promisify(execFile);

/** A mail as its reader sees it. */
export interface Letter {
  to: string[] | string;
  subject: string;
  text: string;
  html: string;
  at: string;
}

/** A running server and the mailbox of its members. */
export interface Server {
  url: string;
  /** All letters so far, newest first. */
  letters(): Promise<Letter[]>;
  stop(): Promise<void>;
}

/** Settings by name, without AIKAGI_. */
export type Settings = Record<string, string>;

/** Starts the demo, with a database of its own. */
export async function startDemo(settings: Settings): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'aikagi-e2e-'));
  const served = await serve(['--demo'], {
    DATABASE: `sqlite:${join(folder, 'demo.db')}`,
    RATE_LIMITS: 'off',
    ...settings,
  });
  return {
    url: served.url,
    letters: () => read(`${served.url}/demo/letters`),
    stop: async () => {
      await served.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Starts a server as an operator does: MariaDB, Redis, a mail server, migrations, members from a file. */
export async function startReal(worker: number, members: Member[], settings: Settings): Promise<Server> {
  const [mysql, redis] = [process.env['AIKAGI_TEST_MYSQL'], process.env['AIKAGI_TEST_REDIS']];
  if (!mysql || !redis) {
    throw new Error('no MariaDB and Redis are named: run these tests with `npm run e2e`');
  }
  const folder = await mkdtemp(join(tmpdir(), 'aikagi-e2e-'));
  const sink = await startSink();
  const name = `aikagi_e2e_${String(process.pid)}`;
  await sql(mysql, `CREATE DATABASE ${name}`);
  const port = await freePort();
  const environment = {
    LISTEN: `127.0.0.1:${String(port)}`,
    PUBLIC_URL: `http://localhost:${String(port)}`,
    DATABASE: mysql + name,
    // One of Redis's 16 databases for each worker: the counts of limits must not meet.
    REDIS: `${redis}/${String(worker % 16)}`,
    SMTP: `smtp://127.0.0.1:${String(sink.ports.smtp)}`,
    MAIL_FROM: 'IMS <member-support@example.jp>',
    KEYS: (await aikagi(['keys', 'new'], {})).trim(),
    HELP_DESK_PHONE: '0120-000-000',
    COPYRIGHT: '© IMS',
    RATE_LIMITS: 'off',
    ...settings,
  };
  await aikagi(['migrate'], environment);
  const file = join(folder, 'members.csv');
  const hash = hashOf();
  const lines = members.map((each) => `${each.loginId},${each.mailAddress},"${hash}",active`);
  await writeFile(file, ['login_id,basic_mail_address,password_hash,status', ...lines, ''].join('\n'));
  await aikagi(['members', 'import', file], environment);
  const served = await serve([], environment);
  return {
    url: served.url,
    letters: () => read(`http://127.0.0.1:${String(sink.ports.http)}/letters`),
    stop: async () => {
      await served.stop();
      await sink.stop();
      await sql(mysql, `DROP DATABASE ${name}`);
      await rm(folder, { recursive: true });
    },
  };
}

async function serve(args: string[], settings: Settings) {
  const port = settings['LISTEN']?.split(':')[1] ?? String(await freePort());
  const url = `http://localhost:${port}`;
  const child = spawn(program, ['serve', ...args], {
    cwd: top,
    env: environmentOf({
      LISTEN: `127.0.0.1:${port}`,
      OPS_LISTEN: `127.0.0.1:${String(await freePort())}`,
      STOP_DELAY: '0s',
      ...settings,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (text) => (said += String(text)));
  child.stderr.on('data', (text) => (said += String(text)));
  await ready(child, url, () => said);
  return { url, stop: () => end(child) };
}

async function ready(child: ChildProcess, url: string, said: () => string) {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) break;
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await end(child);
  throw new Error(`the server did not get ready; it said:\n${said()}`);
}

async function startSink() {
  const child = spawn(join(top, '.cache/bin/smtpsink'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { ports: JSON.parse(line.toString()) as { smtp: number; http: number }, stop: () => end(child) };
}

async function end(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await exit;
  clearTimeout(late);
}

async function aikagi(args: string[], settings: Settings): Promise<string> {
  return (await execute(program, args, { cwd: top, env: environmentOf(settings) })).stdout;
}

// What is set on the machine for other servers must not reach ours.
function environmentOf(settings: Settings): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('AIKAGI_'));
  const ours = Object.entries(settings).map(([name, value]) => [`AIKAGI_${name}`, value] as const);
  return Object.fromEntries([...others, ...ours]);
}

async function sql(url: string, statement: string) {
  const { hostname, port, username } = new URL(url);
  const where = ['--protocol=tcp', `--host=${hostname}`, `--port=${port}`, `--user=${username}`];
  await execute('mariadb', ['--no-defaults', ...where, '--execute', statement]);
}

async function read(url: string): Promise<Letter[]> {
  return (await (await fetch(url)).json()) as Letter[];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
