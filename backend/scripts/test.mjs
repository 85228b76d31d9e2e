// Runs all tests, and starts and stops the servers that they need. The tests of the program run beside all other parts, since
// both often wait: for a server, for a browser.
//
//   npm test                                   everything
//   npm test -- go|app|lint|e2e                some parts
//   npm test -- go -run Redeem ./backend/...   one part, with arguments for its runner

import { build, installPackages } from './build.mjs';
import { Failure, heading, main, run, runLabelled, say, scratchFolder } from './command.mjs';
import { requirePackages } from './debian.mjs';
import { testInBrowser } from './e2e.mjs';
import { lintApp, lintProgram } from './lint.mjs';
import { startServices } from './services.mjs';
import { requireGo, requireNode } from './toolchain.mjs';

let services;
const servicesEnv = async () => (await (services ??= startServices())).env;

const parts = {
  build: { names: ['e2e'], title: 'build', does: () => build().then(() => 0) },
  lint: { names: ['lint'], title: 'lint of the program', does: () => lintProgram() },
  appLint: { names: ['lint', 'app'], title: 'lint and types of the app', does: () => lintApp() },
  app: { names: ['app'], title: 'tests of the app', does: testApp },
  go: { names: ['go'], title: 'tests of the program', does: testProgram },
  e2e: {
    names: ['e2e'],
    title: 'tests in a browser',
    needs: 'build',
    does: async (args) => testInBrowser(await servicesEnv(), args),
  },
};

await main(import.meta, async (args) => {
  requireNode();
  scratchFolder();
  const { chosen, rest } = choose(args);
  const failed = [];
  const isAside = (part) => part === parts.go && chosen.length > 1;
  await runInTurn(chosen.filter((part) => part === parts.build), rest, failed); // Go embeds what it builds
  await Promise.all([
    runInTurn(chosen.filter(isAside), rest, failed),
    runInTurn(chosen.filter((part) => part !== parts.build && !isAside(part)), rest, failed),
  ]);
  await services?.then(
    ({ stop }) => stop(),
    () => {}, // they did not start, and a part has said so
  );

  heading('summary');
  for (const part of chosen) say(`${failed.includes(part) ? 'FAILED' : 'passed'}  ${part.title}`);
  say(`${chosen.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
});

async function runInTurn(some, rest, failed) {
  for (const part of some) {
    const started = Date.now();
    heading(part.title);
    const why = failed.includes(parts[part.needs])
      ? `not run, because the ${parts[part.needs].title} failed`
      : await attempt(part, rest);
    if (why) failed.push(part);
    say(`--- ${part.title}: ${why || 'passed'} (${Math.round((Date.now() - started) / 1000)} s)`);
  }
}

function choose(args) {
  const known = new Set(Object.values(parts).flatMap((part) => part.names));
  const end = args.findIndex((arg) => !known.has(arg));
  const names = end === -1 ? args : args.slice(0, end);
  const rest = end === -1 ? [] : args.slice(end);
  if (rest.length > 0 && (names.length !== 1 || !['go', 'app', 'e2e'].includes(names[0]))) {
    throw new Failure(
      `unknown part ${rest[0]}: the parts are ${[...known].sort().join(', ')}; arguments for a runner follow its one part (go, app or e2e)`,
    );
  }
  const chosen = Object.values(parts).filter(
    (part) => names.length === 0 || part.names.some((name) => names.includes(name)),
  );
  return { chosen, rest };
}

// Gives the reason of a failure, or an empty string.
async function attempt(part, rest) {
  try {
    const code = await part.does(rest);
    return code === 0 ? '' : `failed (exit code ${code})`;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `failed: ${error.message}`;
  }
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
  await requirePackages('gcc', 'libc6-dev', 'opendkim-tools', 'prometheus', 'nginx-light', 'haproxy', 'systemd');
  const flags = args.some((arg) => arg.startsWith('./')) ? args : [...args, '.', './backend/...'];
  return runLabelled('go', 'go', ['test', '-race', '-gcflags=modernc.org/...=-race=false', '-timeout', '30m', ...flags], {
    env: { ...(await servicesEnv()), CGO_ENABLED: '1', CGO_CFLAGS: '-O0' },
  });
}
