// Runs the demo with the app served from its sources: a change in frontend shows at once, a change in backend
// after the program has been built again. The address to open is the one that the app's server prints.
//
//   npm run dev

import { watch } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { buildProgram, installPackages } from './build.mjs';
import { Failure, main, root, run, say, start } from './command.mjs';
import { requireGo, requireNode } from './toolchain.mjs';

await main(import.meta, async () => {
  requireNode();
  await requireGo();
  await installPackages();
  const app = run('npm', ['run', '--silent', 'app:dev']);
  const nextChange = watchProgram();
  for (;;) {
    const program = await serve();
    const ended = await Promise.race([app, nextChange().then(() => 'changed')]);
    if (ended !== 'changed') return ended;
    say('the program has changed');
    program?.child.kill('SIGTERM');
    await program?.ended;
  }
});

// A program that does not compile is waited for, not given up.
async function serve() {
  try {
    await buildProgram();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.message);
    return undefined;
  }
  return start(path.join(root, 'bin/aikagi'), ['serve', '--demo']);
}

// Gives a function that waits for the next change. One that comes before it is called, during a build, counts too.
function watchProgram() {
  let changed = false;
  let tell = () => {};
  watch(path.join(root, 'backend'), { recursive: true }, (_, name) => {
    if (!/\.(go|sql|yaml|txt)$/.test(name ?? '') || name.endsWith('_test.go')) return;
    changed = true;
    tell();
  });
  return async () => {
    if (!changed) await new Promise((resolve) => (tell = resolve));
    // An editor writes a file in several steps: they count as one change.
    await sleep(200);
    changed = false;
  };
}
