// Runs a program beside a MariaDB and a Redis of its own, on free ports of the loopback:
//
//   node backend/scripts/services.mjs go test ./backend/store/...
//
// Both servers and everything that they wrote are gone when the program ends. The environment variables AIKAGI_TEST_MYSQL
// and AIKAGI_TEST_REDIS, when both are set, name servers to use instead.

import { createInterface } from 'node:readline';

import { Failure, main, run, scratchFolder, start } from './command.mjs';
import { requirePackages } from './debian.mjs';

/** Starts both servers, which stop when the script ends. Gives the environment that tests read. */
export async function startServices() {
  const { AIKAGI_TEST_MYSQL, AIKAGI_TEST_REDIS } = process.env;
  if (AIKAGI_TEST_MYSQL && AIKAGI_TEST_REDIS) return { AIKAGI_TEST_MYSQL, AIKAGI_TEST_REDIS };
  await requirePackages('mariadb-server', 'redis-server');
  scratchFolder();
  const { child, ended } = start('go', ['run', './backend/testkit/services'], {
    env: { CGO_ENABLED: '0' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve(JSON.parse(line)));
    ended.then(() => reject(new Failure('MariaDB and Redis do not start')));
  });
}

await main(import.meta, async ([program, ...args]) => {
  if (!program) throw new Failure('usage: node backend/scripts/services.mjs PROGRAM [ARGUMENT...]');
  return run(program, args, { env: await startServices() });
});
