// Walks through the built program in a browser, over the demo and over MariaDB, Redis and a mail server.
//
//   npm run e2e -- [arguments of playwright test]

import { build } from './build.mjs';
import { main, must, run, scratchFolder } from './command.mjs';
import { requireEither, requirePackages } from './debian.mjs';
import { startServices } from './services.mjs';

/** Runs the browser tests against bin/aikagi, which must have been built; gives the exit code. */
export async function walk(env, args = []) {
  await requirePackages('fonts-noto-cjk');
  await must(
    'the build of the mail sink',
    'go',
    ['build', '-o', '.cache/bin/smtpsink', './backend/testkit/smtpsink'],
    { env: { CGO_ENABLED: '0' } },
  );
  return run('npx', ['--no-install', 'playwright', 'test', '-c', 'frontend/playwright.config.ts', ...args], {
    env: { ...env, CHROMIUM: await browser() },
  });
}

/** The browser of the tests. Debian's headless one needs a quarter less time than the whole Chromium. */
function browser() {
  return process.env.CHROMIUM || requireEither('chromium-headless-shell', 'chromium');
}

await main(import.meta, async (args) => {
  scratchFolder();
  await build();
  const services = await startServices();
  const code = await walk(services.env, args);
  await services.stop();
  return code;
});
