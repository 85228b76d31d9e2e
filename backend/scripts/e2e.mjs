// Tests the built program in a browser: the demo, and a server with MariaDB, Redis and a mail server.
//
//   npm run e2e -- [arguments of playwright test]
//
// Measures every page with Lighthouse, and takes the pictures of README.md; both use the demo alone:
//
//   npm run lighthouse -- [arguments of playwright test]
//   npm run screenshots

import { build } from './build.mjs';
import { main, must, run, scratchFolder } from './command.mjs';
import { requireEither, requirePackages } from './debian.mjs';
import { startServices } from './services.mjs';

/** Runs the browser tests against bin/aikagi, which must have been built; gives the exit code. */
export async function testInBrowser(env, args = []) {
  const sink = ['-o', '.cache/bin/smtpsink', './backend/testkit/smtpsink'];
  await must('the build of the mail sink', 'go', ['build', ...sink], { env: { CGO_ENABLED: '0' } });
  // Debian's headless Chromium needs a quarter less time than the whole one.
  const browser = process.env.CHROMIUM || (await requireEither('chromium-headless-shell', 'chromium'));
  return playwright('frontend/playwright.config.ts', args, { ...env, CHROMIUM: browser });
}

async function playwright(config, args, env) {
  await requirePackages('fonts-noto-cjk');
  return run('npx', ['--no-install', 'playwright', 'test', '-c', config, ...args], { env });
}

await main(import.meta, async (args) => {
  scratchFolder();
  await build();
  if (['lighthouse', 'screenshots'].includes(args[0])) {
    const [project, ...others] = args;
    await requirePackages('chromium');
    return playwright('frontend/playwright.tools.config.ts', [`--project=${project}*`, ...others]);
  }
  return testInBrowser(await startServices(), args);
});
