// Runs the demo with the app served from its sources: a change in frontend shows at once, a change in backend after the
// program has been built again. Open the address that the app's server prints.
//
//   npm run dev

import { watch } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { buildProgram, prepare } from './build.mjs';
import { Failure, main, root, run, say, start } from './command.mjs';

/** Changes of files: `next` waits for one, or returns at once when one was noted since the last call, during a build. */
export function changes() {
  let noted = false;
  let wake = () => {};
  return {
    note() {
      noted = true;
      wake();
    },
    async next() {
      if (!noted) await new Promise((resolve) => (wake = resolve));
      // An editor writes a file in several steps: they count as one change.
      await sleep(200);
      noted = false;
    },
  };
}

const isSource = (name) => /\.(go|sql|yaml|txt|html|css)$/.test(name) && !name.endsWith('_test.go');

// Gives nothing when the program does not compile: the next change may mend that.
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

await main(import.meta, async () => {
  await prepare();
  const app = run('npm', ['run', '--silent', 'app:dev']);
  const { note, next } = changes();
  watch(path.join(root, 'backend'), { recursive: true }, (_, name) => name && isSource(name) && note());
  for (;;) {
    const program = await serve();
    const ended = await Promise.race([app, next().then(() => 'changed')]);
    if (ended !== 'changed') return ended;
    say('the program has changed');
    program?.child.kill('SIGTERM');
    await program?.ended;
  }
});
