// Runs all linters. The Go tools are built from modules of their own in backend/tools, so that the product does not depend on
// what they need.
//
//   npm run lint

import path from 'node:path';

import { ask, heading, main, must, root, run, say } from './command.mjs';
import { installPackages } from './build.mjs';
import { contentOf, isStamped, stamp } from './stamp.mjs';
import { requireGo, requireNode } from './toolchain.mjs';

/** The folder of the Go tools that are built here. */
export const bin = path.join(root, '.cache/bin');
const types = 'frontend/src/api/schema.d.ts';
const dockerFiles = ['Dockerfile', 'compose.yaml'].map((name) => `backend/deploy/docker/${name}`);

/** Runs golangci-lint (with gofumpt) over the program, and checks the files for Docker; gives an exit code. */
export async function lintProgram() {
  await requireGo();
  await buildTools('backend/tools');
  await buildTools('backend/tools/docker', 'stamp-docker');
  const golangci = await run(path.join(bin, 'golangci-lint'), ['run', '.', './backend/...'], {
    env: { CGO_ENABLED: '0' },
  });
  const docker = await run(path.join(bin, 'docker'), dockerFiles);
  return golangci || docker;
}

/** Runs the app's linters and checks that its types are those of openapi.yaml; gives an exit code. */
export async function lintApp() {
  await installPackages();
  const before = contentOf([types]);
  await must('making the types of openapi.yaml', 'npm', ['run', '--silent', 'app:types']);
  const stale = contentOf([types]) !== before;
  if (stale) say(`${types} was not what openapi.yaml says; it has been made anew: look at it and commit it`);
  // The two halves of app:lint in parallel: each keeps one core busy.
  const halves = await Promise.all(
    ['app:lint:style', 'app:lint:types'].map((script) => ask('npm', ['run', '--silent', script])),
  );
  for (const { stdout, stderr } of halves) say(stdout + stderr);
  return Math.max(Number(stale), ...halves.map(({ code }) => code));
}

/**
 * Builds the programs of a tools module into bin, unless they were built from the same versions. The first build of the
 * linters takes two or three minutes.
 */
export async function buildTools(module, stampName = 'stamp') {
  const file = path.join(bin, stampName);
  const { stdout: compiler } = await ask('go', ['env', 'GOVERSION']);
  const wanted = `${compiler}${contentOf(['go.mod', 'go.sum', 'main.go'].map((name) => `${module}/${name}`))}`;
  if (isStamped(file, wanted)) return;
  say(`building the tools of ${module} (once)`);
  await must(
    `the build of ${module}`,
    'go',
    ['build', '-trimpath', '-ldflags', '-s -w', '-o', bin + path.sep, 'tool'],
    {
      cwd: path.join(root, module),
      env: { CGO_ENABLED: '0' },
    },
  );
  stamp(file, wanted);
}

await main(import.meta, async () => {
  requireNode();
  heading('lint of the program');
  const program = await lintProgram();
  heading('lint of the app');
  return (await lintApp()) || program;
});
