// Runs all tests, and starts and stops the servers that they need. The tests of the program run beside all other parts, since
// both often wait: for a server, for a browser.
//
//   npm test                                   everything
//   npm test -- go|app|lint|e2e                some parts
//   npm test -- go -run Redeem ./backend/...   one part, with arguments for its runner

import { build, installPackages } from './build.mjs';
import { Failure, heading, main, run, say, scratchFolder } from './command.mjs';
import { requirePackages } from './debian.mjs';
import { testInBrowser } from './e2e.mjs';
import { lintApp, lintProgram } from './lint.mjs';
import { startServices } from './services.mjs';
import { requireGo, requireNode } from './toolchain.mjs';

const partNames = ['app', 'e2e', 'go', 'lint'];

let services;
const servicesEnv = () => (services ??= startServices());

await main(import.meta, async (args) => {
  requireNode();
  scratchFolder();
  const { names, rest } = choose(args);
  const chosen = (...some) => some.some((name) => names.includes(name));
  const results = [];
  const attempt = async (title, does) => results.push({ title, passed: await passes(title, does) });

  if (chosen('e2e')) await attempt('build', build); // first, since Go embeds the app
  const isBuilt = results.every(({ passed }) => passed);
  const others = async () => {
    if (chosen('lint')) await attempt('lint of the program', lintProgram);
    if (chosen('lint', 'app')) await attempt('lint and types of the app', lintApp);
    if (chosen('app')) await attempt('tests of the app', () => testApp(rest));
    if (!chosen('e2e')) return;
    await attempt('tests in a browser', async () => {
      if (!isBuilt) throw new Failure('not run, because the build failed');
      return testInBrowser(await servicesEnv(), rest);
    });
  };
  await Promise.all([chosen('go') && attempt('tests of the program', () => testProgram(rest)), others()]);

  heading('summary');
  for (const { title, passed } of results) say(`${passed ? 'passed' : 'FAILED'}  ${title}`);
  const failed = results.filter(({ passed }) => !passed).length;
  say(`${results.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});

// Gives the names of the parts, all when none is named, and the arguments for the runner of a single one.
function choose(args) {
  const other = args.findIndex((arg) => !partNames.includes(arg));
  const names = other === -1 ? args : args.slice(0, other);
  const rest = args.slice(names.length);
  if (rest.length > 0 && (names.length !== 1 || names[0] === 'lint')) {
    throw new Failure(
      `unknown part ${rest[0]}: the parts are ${partNames.join(', ')}; arguments for a runner follow its one part (go, app or e2e)`,
    );
  }
  return { names: names.length > 0 ? names : partNames, rest };
}

// Runs one part, which gives an exit code or throws a Failure, and says how it ended.
async function passes(title, does) {
  const started = Date.now();
  heading(title);
  let why = '';
  try {
    const code = await does();
    if (code) why = `failed (exit code ${code})`;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    why = `failed: ${error.message}`;
  }
  say(`--- ${title}: ${why || 'passed'} (${Math.round((Date.now() - started) / 1000)} s)`);
  return why === '';
}

async function testApp(args) {
  await installPackages();
  return run('npm', ['run', '--silent', 'app:test', '--', ...args]);
}

// The tests need a C compiler for the race detector and for the DNS records of opendkim-testmsg; the program needs none. With
// cgo, GORM's SQLite driver contains a SQLite in C that is never called: without optimisation it compiles in seconds. SQLite
// translated to Go (modernc.org) is not searched for races: it is not ours, and searching it took half of the time.
async function testProgram(args) {
  await requireGo();
  await requirePackages(
    'gcc',
    'libc6-dev',
    'opendkim-tools',
    'prometheus',
    'nginx-light',
    'haproxy',
    'systemd',
  );
  const flags = args.some((arg) => arg.startsWith('./')) ? args : [...args, '.', './backend/...'];
  return run('go', ['test', '-race', '-gcflags=modernc.org/...=-race=false', '-timeout', '30m', ...flags], {
    label: 'go',
    env: { ...(await servicesEnv()), CGO_ENABLED: '1', CGO_CFLAGS: '-O0' },
  });
}
