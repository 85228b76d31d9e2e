// A demo of our own beside a script: on a free port of the loopback, with a database in the temporary folder.

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failure, root, scratchFolder, start } from './command.mjs';
import { freePort } from './services.mjs';

const patience = 30_000; // ms to get ready; a tenth of a second is usual

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
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const { ended } = start(path.join(root, 'bin/aikagi'), ['serve', '--demo'], {
    stdio: 'ignore',
    env: {
      AIKAGI_LISTEN: `127.0.0.1:${port}`,
      AIKAGI_OPS_LISTEN: `127.0.0.1:${await freePort()}`,
      AIKAGI_DATABASE: `sqlite:${path.join(scratchFolder(), `demo-${port}.db`)}`,
      AIKAGI_RATE_LIMITS: 'off',
    },
  });
  let over = false;
  ended.then(() => (over = true));
  for (const deadline = Date.now() + patience; Date.now() < deadline && !over; await sleep(50)) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return url;
  }
  throw new Failure('the demo does not get ready');
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
