import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passwordHash, type Member } from './members';
import { fieldsOf, run, start, top } from './programs';

const program = join(top, 'bin/aikagi');

/** A mail as its recipient sees it. */
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
  /** Runs a statement on the server's database. Rejects for a demo, which has an SQLite file. */
  sql(statement: string): Promise<void>;
  stop(): Promise<void>;
}

/** Settings by name, without AIKAGI_. */
export type Settings = Record<string, string>;

/** Starts a demo with a new database and further members in it. */
export async function startDemo(members: Member[], settings: Settings): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'aikagi-e2e-'));
  const environment = {
    DATABASE: `sqlite:${join(folder, 'demo.db')}`,
    LISTEN: '127.0.0.1:0',
    RATE_LIMITS: 'off',
    ...settings,
  };
  await enrol(members, folder, environment);
  const served = await serve(['--demo'], environment);
  const url = `http://localhost:${String(served.said)}`;
  return {
    url,
    letters: () => read(`${url}/demo/letters`),
    sql: () => Promise.reject(new Error('this is a demo')),
    stop: async () => {
      await served.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Starts a server as an operator does: with MariaDB, Redis, a mail server, migrations, and members from a file. */
export async function startReal(worker: number, members: Member[], settings: Settings): Promise<Server> {
  const [mysql, redis] = [process.env['AIKAGI_TEST_MYSQL'], process.env['AIKAGI_TEST_REDIS']];
  if (!mysql || !redis) {
    throw new Error('no MariaDB and Redis are named: run these tests with `npm run e2e`');
  }
  const folder = await mkdtemp(join(tmpdir(), 'aikagi-e2e-'));
  const sink = await start(join(top, '.cache/bin/smtpsink'), [], process.env, portsOfSink);
  const name = `aikagi_e2e_${String(process.pid)}`;
  await sql(mysql, '', `CREATE DATABASE ${name}`);
  const environment = {
    DATABASE: mysql + name,
    // Each worker has one of Redis's 16 databases, so that the workers do not share counts of limits.
    REDIS: `${redis}/${String(worker % 16)}`,
    SMTP: `smtp://127.0.0.1:${String(sink.said.smtp)}`,
    MAIL_FROM: 'IMS <member-support@example.jp>',
    KEYS: (await aikagi(['keys', 'new'], {})).trim(),
    HELP_DESK_PHONE: '0120-000-000',
    COPYRIGHT: '© IMS',
    RATE_LIMITS: 'off',
    ...settings,
  };
  await enrol(members, folder, environment);
  const served = await serveOnSomePort(environment);
  return {
    url: `http://localhost:${String(served.said)}`,
    letters: () => read(`http://127.0.0.1:${String(sink.said.http)}/letters`),
    sql: (statement) => sql(mysql, name, statement),
    stop: async () => {
      await served.stop();
      await sink.stop();
      await sql(mysql, '', `DROP DATABASE ${name}`);
      await rm(folder, { recursive: true });
    },
  };
}

/** Writes every letter, with example data, into a folder, as an operator does. Returns the paths of the files. */
export async function writeLetters(folder: string, settings: Settings): Promise<string[]> {
  return (await aikagi(['mail', 'preview', folder], settings)).trim().split('\n');
}

/** Creates the tables and imports the members, as an operator does. */
async function enrol(members: Member[], folder: string, settings: Settings) {
  await aikagi(['migrate'], settings);
  const file = join(folder, 'members.csv');
  const hash = passwordHash();
  const lines = members.map((each) => `${each.loginId},${each.mailAddress},"${hash}",active`);
  await writeFile(file, ['login_id,basic_mail_address,password_hash,status', ...lines, ''].join('\n'));
  await aikagi(['members', 'import', file], settings);
}

// PUBLIC_URL must name the port before the server runs, so the kernel cannot choose the port. Only the server's own attempt
// shows whether a port is free: after a check, another program may take it. The kernel assigns no port below 32768 by itself.
async function serveOnSomePort(settings: Settings) {
  for (let port = 20_000 + (process.pid % 10_000); ; port++) {
    const address = { LISTEN: `127.0.0.1:${String(port)}`, PUBLIC_URL: `http://localhost:${String(port)}` };
    try {
      return await serve([], { ...settings, ...address });
    } catch (error) {
      if (!String(error).includes('another program listens on')) throw error;
    }
  }
}

/** Starts the server and waits until it is ready. `said` is its port. */
function serve(args: string[], settings: Settings) {
  const environment = environmentOf({
    OPS_LISTEN: '127.0.0.1:0',
    LOG_FORMAT: 'json',
    STOP_DELAY: '0s',
    ...settings,
  });
  return start(program, ['serve', ...args], environment, (line) => {
    const { msg, listen } = fieldsOf(line);
    return msg === 'ready' ? Number(String(listen).split(':').at(-1)) : undefined;
  });
}

function portsOfSink(line: string) {
  const { smtp, http } = fieldsOf(line);
  return typeof smtp === 'number' && typeof http === 'number' ? { smtp, http } : undefined;
}

function aikagi(args: string[], settings: Settings): Promise<string> {
  return run(program, args, environmentOf(settings));
}

// Settings of other servers on this machine must not reach this one.
function environmentOf(settings: Settings): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('AIKAGI_'));
  const ours = Object.entries(settings).map(([name, value]) => [`AIKAGI_${name}`, value] as const);
  return Object.fromEntries([...others, ...ours]);
}

async function sql(url: string, database: string, statement: string) {
  const { hostname, port, username } = new URL(url);
  const where = ['--protocol=tcp', `--host=${hostname}`, `--port=${port}`, `--user=${username}`];
  await run('mariadb', ['--no-defaults', ...where, '--execute', statement, database], process.env);
}

async function read(url: string): Promise<Letter[]> {
  return (await (await fetch(url)).json()) as Letter[];
}
