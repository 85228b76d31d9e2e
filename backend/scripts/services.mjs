// Runs a program beside a MariaDB and a Redis of its own, on free ports of the loopback:
//
//   node backend/scripts/services.mjs go test ./backend/store/...
//
// Both servers and everything that they wrote are gone when the program ends. The environment variables AIKAGI_TEST_MYSQL
// and AIKAGI_TEST_REDIS, when both are set, name servers to use instead.

import { createInterface } from 'node:readline';

import { Failure, main, must, onEnd, run, scratchFolder, start } from './command.mjs';
import { requirePackages } from './debian.mjs';

/** Starts both servers. Gives the environment that tests read, and `stop`. The servers also stop when this process ends. */
export async function startServices() {
  const { AIKAGI_TEST_MYSQL, AIKAGI_TEST_REDIS } = process.env;
  if (AIKAGI_TEST_MYSQL && AIKAGI_TEST_REDIS) {
    return { env: { AIKAGI_TEST_MYSQL, AIKAGI_TEST_REDIS }, stop: async () => {} };
  }
  await requirePackages('mariadb-server', 'redis-server');
  scratchFolder();
  const program = '.cache/bin/services';
  await must('the build of the test servers', 'go', ['build', '-o', program, './backend/testkit/services'], {
    env: { CGO_ENABLED: '0' },
  });
  const { child, ended } = start(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const stop = onEnd(async () => {
    child.stdin.end();
    await ended;
  });
  const env = await new Promise((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve(JSON.parse(line)));
    ended.then(() => reject(new Failure('MariaDB and Redis do not start')));
  });
  return { env, stop };
}

await main(import.meta, async ([program, ...args]) => {
  if (!program) throw new Failure('usage: node backend/scripts/services.mjs PROGRAM [ARGUMENT...]');
  const services = await startServices();
  const code = await run(program, args, { env: services.env });
  await services.stop();
  return code;
});
