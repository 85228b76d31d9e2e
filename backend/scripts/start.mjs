// Builds and runs the demo: nothing to install, nothing to set. PORT or AIKAGI_LISTEN choose another address.
//
//   npm start

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';

import { build } from './build.mjs';
import { main, root } from './command.mjs';

await main(import.meta, async (args) => {
  await build();
  const env = { ...process.env };
  if (env.PORT && !env.AIKAGI_LISTEN) env.AIKAGI_LISTEN = `127.0.0.1:${env.PORT}`;
  return serve(['serve', '--demo', ...args], env);
});

// At a terminal Ctrl-C reaches the program by itself (one process group); told twice, it would not end in its own time.
function serve(args, env) {
  const program = spawn(path.join(root, 'bin/aikagi'), args, { cwd: root, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      program.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal); // the program ignores SIGHUP
    });
  }
  return new Promise((resolve, reject) => {
    program.on('error', reject);
    program.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
