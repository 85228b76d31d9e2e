// Says whether the tests of a package notice faults in it: gremlins changes one operator of the package at a time and
// runs the package's own tests, which must fail then. At least 95 % of each package's mutants must be killed.
//
//   npm run check:mutation                      every package below; one to two hours
//   npm run check:mutation -- member throttle   those named
//
// mutation.json names the mutants that behave as the program does, with the reason; they do not count. A mutant is known
// by its file, its type and the text of its line with the operator between « and », so a line may move.

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Failure, ask, heading, main, root, run, say, scratchFolder } from './command.mjs';
import { startServices } from './services.mjs';
import { goTool, requireGo } from './toolchain.mjs';

const wanted = 95; // per cent

const packages = {
  member: {},
  password: {},
  throttle: {},
  session: {},
  login: {},
  // On SQLite only, and without what tries by the hundred: the whole tests take minutes.
  recovery: {
    // The names come first: what a pattern with a slash matches in part is not held against the others.
    flags: '-skip=NoOrderOfCalls|ManyConcurrentRedemptions|MoreAsksThanOneBatch|/mariadb|//mariadb',
  },
};

await main(import.meta, async (args) => {
  await requireGo();
  const unknown = args.filter((name) => !packages[name]);
  if (unknown.length > 0) {
    throw new Failure(
      `unknown package ${unknown.join(', ')}: the packages are ${Object.keys(packages).join(', ')}`,
    );
  }
  const chosen = args.length > 0 ? args : Object.keys(packages);
  const gremlins = await goTool('gremlins', 'mutation');
  const folder = await copyProgram();
  const env = await startServices();
  const equivalents = JSON.parse(readFileSync(path.join(root, 'backend/scripts/mutation.json'), 'utf8'));

  const failed = [];
  for (const name of chosen) {
    heading(`mutants of ${name}`);
    const mutants = await mutate(gremlins, name, folder, env);
    if (!judge(name, mutants, equivalents)) failed.push(name);
  }
  if (failed.length > 0) say(`\nbelow ${wanted} %: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
});

/**
 * Copies what the tests need: gremlins makes a copy of the whole module, and would copy node_modules too. Beside it lies
 * a go command that mends three habits of gremlins. It changes only lines that are covered, but Go's coverage reports no
 * condition of a `case` as covered. It allows each mutant three times what the first run took, which for quick tests is
 * less than a slow machine may need: ten seconds are added. It counts a mutant that does not compile as killed, because
 * go test exits with 1 for both.
 */
async function copyProgram() {
  const folder = path.join(scratchFolder(), 'program');
  for (const name of ['go.mod', 'go.sum', 'backend']) {
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  const { stdout } = await ask('sh', ['-c', 'command -v go']);
  const go = `'${stdout.trim()}'`;
  writeFileSync(
    path.join(folder, 'go'),
    `#!/bin/sh
if [ "$3" = -coverprofile ]; then
  ${go} "$@" || exit
  for file in "$MUTATED"/*.go; do echo "aikagi/$file:1.1,100000.1 1 1" >> "$4"; done
  sleep 10
elif [ "$1" = test ]; then
  ${go} "$@" > "$0.output"
  code=$?
  if grep -q "build failed" "$0.output"; then exit 2; fi
  exit $code
else
  exec ${go} "$@"
fi
`,
    { mode: 0o755 },
  );
  return folder;
}

/** Runs gremlins over a package. Gives its mutants, each with file, type, status and marked line. */
async function mutate(gremlins, name, folder, env) {
  const report = path.join(folder, `${name}.json`);
  const code = await run(
    gremlins,
    [
      'unleash',
      '--output-statuses=lctv', // each as soon as it is known: a package takes minutes
      '--workers=1',
      '--timeout-coefficient=3',
      '--exclude-files=/', // what go generate runs lies in a folder of the package
      `--output=${report}`,
      `./backend/${name}`,
    ],
    {
      cwd: folder,
      env: {
        ...env,
        CGO_ENABLED: '0',
        // A first run that is answered from the cache takes no time, so nothing else would be in time. Vet is not a test.
        GOFLAGS: `${process.env.GOFLAGS ?? ''} -count=1 -vet=off ${packages[name].flags ?? ''}`,
        MUTATED: `backend/${name}`,
        PATH: folder + path.delimiter + process.env.PATH,
      },
    },
  );
  if (code !== 0) throw new Failure(`gremlins failed on ${name} (exit code ${code}): do its tests pass?`);
  return JSON.parse(readFileSync(report, 'utf8')).files.flatMap(({ file_name: base, mutations }) => {
    const file = `${name}/${base}`;
    const lines = readFileSync(path.join(folder, 'backend', file), 'utf8').split('\n');
    return mutations.map(({ type, status, line, column }) => {
      return { file, type, status, number: line, line: marked(lines[line - 1], column) };
    });
  });
}

/** The line with « and » around the operator that begins at the column; gremlins counts columns in bytes, from 1. */
function marked(line, column) {
  const bytes = Buffer.from(line);
  const before = bytes.subarray(0, column - 1).toString();
  const after = bytes.subarray(column - 1).toString();
  return `${before}${after.replace(/^[-+*/%<>=!]+/, '«$&»')}`.trim();
}

/** Says what became of a package's mutants, and whether enough were killed. */
function judge(name, mutants, equivalents) {
  const is = (a, b) => a.file === b.file && a.type === b.type && a.line === b.line;
  const show = ({ file, number, type, line }) => `  ${file}:${number}  ${type}  ${line}`;
  const list = (title, found) => found.length > 0 && say([`${title}:`, ...found].join('\n'));

  const of = (status) => mutants.filter((mutant) => mutant.status === status);
  const [killed, late, unusable] = [of('KILLED'), of('TIMED OUT'), of('NOT VIABLE')];
  const survivors = mutants.filter((mutant) => ![...killed, ...late, ...unusable].includes(mutant));
  const named = equivalents.filter(({ file }) => file.startsWith(`${name}/`));
  const lived = survivors.filter((mutant) => !named.some((known) => is(known, mutant)));
  const needless = named.filter((known) => !survivors.some((mutant) => is(known, mutant)));

  list('timed out, which counts as killed', late.map(show));
  list('survived', lived.map(show));
  list(
    'named in mutation.json, but gone or killed: take them out',
    needless.map(({ file, type, line }) => `  ${file}  ${type}  ${line}`),
  );
  const dead = killed.length + late.length;
  const share = dead + lived.length === 0 ? 100 : (100 * dead) / (dead + lived.length);
  say(
    `${name}: ${share.toFixed(1)} % (${killed.length} killed, ${late.length} timed out, ${lived.length} survived, ` +
      `${survivors.length - lived.length} set aside, ${unusable.length} do not compile)`,
  );
  return share >= wanted;
}
