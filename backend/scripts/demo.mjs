// A demo of our own beside a script: on a free port of the loopback, with a database in the temporary folder.

import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failure, root, scratchFolder, start } from './command.mjs';

const patience = 60_000; // ms for a letter to come; a tenth of a second is usual

let demos = 0;

/** The demo's one member. */
export const demoMember = { loginId: 'abcd', mailAddress: 'abcd@xxx.mm-m.ne.jp', password: 'Demo-pass9' };

/** How Chromium is started, here and by the browser tests (frontend/playwright.config.ts). */
export const chromium = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** Starts bin/aikagi, which must have been built. Gives its address; it ends with us. */
export async function startDemo() {
  const { child, ended } = start(path.join(root, 'bin/aikagi'), ['serve', '--demo'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      AIKAGI_LISTEN: '127.0.0.1:0',
      AIKAGI_OPS_LISTEN: '127.0.0.1:0',
      AIKAGI_DATABASE: `sqlite:${path.join(scratchFolder(), `demo-${++demos}.db`)}`,
      AIKAGI_RATE_LIMITS: 'off',
    },
  });
  const lines = createInterface(child.stdout);
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const [, address] = /^ *Address +(\S+)$/.exec(line) ?? [];
      if (address) resolve(address);
    });
    ended.then(() => reject(new Failure('the demo does not get ready')));
  });
}

/** Waits for the newest letter that is wanted. */
export async function demoLetter(url, wanted) {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(100)) {
    const letter = (await (await fetch(`${url}/demo/letters`)).json()).find(wanted);
    if (letter) return letter;
  }
  throw new Failure('the letter does not come');
}

/** The temporary password that stands in a letter. */
export const temporaryPasswordOf = (letter) => /【仮パスワード】\s+(\S+)/.exec(letter.text)[1];
