// Builds and runs the demo: nothing to install, nothing to set. PORT or AIKAGI_LISTEN choose another address.
//
//   npm start

import path from 'node:path';

import { build } from './build.mjs';
import { main, root, start } from './command.mjs';

await main(import.meta, async (args) => {
  await build();
  const { PORT, AIKAGI_LISTEN } = process.env;
  const env = PORT && !AIKAGI_LISTEN ? { AIKAGI_LISTEN: `127.0.0.1:${PORT}` } : {};
  const { child, ended } = start(path.join(root, 'bin/aikagi'), ['serve', '--demo', ...args], {
    env,
    stdio: 'inherit',
  });
  // The program may take longer to stop than command.mjs waits for, so only the signal is passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.removeAllListeners(signal);
    process.on(signal, () => child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)); // the program ignores SIGHUP
  }
  return ended;
});
