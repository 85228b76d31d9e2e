// A MariaDB and a Redis of our own for the tests: on free ports of the loopback, in a temporary folder, and
// gone with everything they wrote when we end, however we end. What else runs on the machine is not touched.
//
//   node backend/scripts/services.mjs go test ./backend/store/...
//
// runs one program beside them. AIKAGI_TEST_MYSQL and AIKAGI_TEST_REDIS, when set, name others to use instead.

import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failure, ask, main, onEnd, run, scratchFolder, start } from './command.mjs';
import { requirePackages, systemPath } from './debian.mjs';

const patience = 60_000; // ms for a server to answer; one or two seconds are usual

/** Starts both. Gives the environment that the tests read, and stop; they also stop when this process ends. */
export async function startServices() {
  const { AIKAGI_TEST_MYSQL, AIKAGI_TEST_REDIS } = process.env;
  if (AIKAGI_TEST_MYSQL && AIKAGI_TEST_REDIS) {
    return { env: { AIKAGI_TEST_MYSQL, AIKAGI_TEST_REDIS }, stop: async () => {} };
  }
  await requirePackages('mariadb-server', 'redis-server');
  const folder = scratchFolder();
  const servers = [];
  const stop = onEnd(() => Promise.all(servers.map((server) => server.stop())));
  const add = (server) => servers.push(server);
  try {
    const [mysql, redis] = await Promise.all([startMariaDB(folder, add), startRedis(folder, add)]);
    return { env: { AIKAGI_TEST_MYSQL: mysql, AIKAGI_TEST_REDIS: redis }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

// MariaDB refuses to run as root: then it becomes mysql, and the folder with it. Commits are as durable as in
// production, so that a test of a kill and the speed of an INSERT are true.
async function startMariaDB(folder, add) {
  const data = path.join(folder, 'mariadb');
  const socket = path.join(data, 'socket');
  mkdirSync(data);
  const asRoot = process.getuid() === 0;
  if (asRoot) {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (what) => Number((await ask('id', [what, 'mysql'])).stdout)),
    );
    chownSync(data, uid, gid);
  }
  const common = [
    '--no-defaults',
    `--datadir=${data}`,
    `--tmpdir=${data}`,
    ...(asRoot ? ['--user=mysql'] : []),
  ];
  const made = await ask(
    'mariadb-install-db',
    [...common, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { env: { PATH: systemPath } },
  );
  if (made.code !== 0) throw new Failure(`mariadb-install-db failed:\n${made.stdout}${made.stderr}`);

  const port = await freePort();
  const server = startServer('mariadbd', [
    ...common,
    `--socket=${socket}`,
    `--pid-file=${path.join(data, 'pid')}`,
    `--log-error=${path.join(data, 'log')}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-networking=0',
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--innodb-flush-log-at-trx-commit=1',
    '--innodb-buffer-pool-size=128M',
    '--max-connections=500',
  ]);
  add(server);
  const ping = [
    '--no-defaults',
    '--protocol=tcp',
    '--host=127.0.0.1',
    `--port=${port}`,
    '--user=root',
    '--connect-timeout=1',
    'ping',
  ];
  await answering(server, async () => (await ask('mariadb-admin', ping)).code === 0, path.join(data, 'log'));
  return `mysql://root@127.0.0.1:${port}/`;
}

async function startRedis(folder, add) {
  const data = path.join(folder, 'redis');
  mkdirSync(data);
  const port = await freePort();
  const log = path.join(data, 'log');
  const server = startServer('redis-server', [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--dir',
    data,
    '--logfile',
    log,
    '--save',
    '',
    '--appendonly',
    'no',
    // Tests that run side by side each have a database of their own.
    '--databases',
    '1024',
  ]);
  add(server);
  await answering(server, () => redisAnswers(port), log);
  return `redis://127.0.0.1:${port}`;
}

function redisAnswers(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 });
    const answer = (good) => {
      socket.destroy();
      resolve(good);
    };
    socket.on('connect', () => socket.write('*1\r\n$4\r\nPING\r\n'));
    socket.on('data', (data) => answer(data.toString().startsWith('+PONG')));
    socket.on('error', () => answer(false));
    socket.on('timeout', () => answer(false));
  });
}

function startServer(program, args) {
  const { child, ended } = start(program, args, { stdio: 'ignore', env: { PATH: systemPath } });
  const server = { program, ended: false };
  ended.then(() => (server.ended = true));
  server.stop = async () => {
    child.kill('SIGTERM');
    if ((await Promise.race([ended, sleep(10_000, 'late', { ref: false })])) === 'late')
      child.kill('SIGKILL');
    await ended;
  };
  return server;
}

async function answering(server, answers, log) {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(50)) {
    if (server.ended) break;
    if (await answers()) return;
  }
  throw new Failure(`${server.program} does not answer:\n${lastLines(log)}`);
}

function lastLines(file) {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(-20).join('\n');
  } catch {
    return '(it wrote no log)';
  }
}

let nextPort = 11_000 + (process.pid % 9000);

/**
 * A port of the loopback that nobody listens on, for a server that cannot choose one itself. It is below those that the
 * kernel gives away, and is given once: until the server has it, only somebody who asks for just this one can take it.
 */
export async function freePort() {
  for (;;) {
    const port = nextPort++;
    const probe = createServer();
    const free = await new Promise((resolve) => {
      probe.on('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}

await main(import.meta, async ([program, ...args]) => {
  if (!program) throw new Failure('usage: node backend/scripts/services.mjs PROGRAM [ARGUMENT...]');
  const services = await startServices();
  const code = await run(program, args, { env: services.env });
  await services.stop();
  return code;
});
