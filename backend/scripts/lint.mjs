// Runs all linters. The Go tools are built from modules of their own in backend/tools, so that the product does not depend on
// what they need.
//
//   npm run lint

import { installPackages } from './build.mjs';
import { heading, main, must, run, say } from './command.mjs';
import { contentOf } from './stamp.mjs';
import { goTool, requireGo, requireNode } from './toolchain.mjs';

const types = 'frontend/src/api/schema.d.ts';
const dockerFiles = ['Dockerfile', 'compose.yaml'].map((name) => `backend/deploy/docker/${name}`);

/** Runs golangci-lint (with gofumpt) over the program, and checks the files for Docker; gives an exit code. */
export async function lintProgram() {
  await requireGo();
  const env = { CGO_ENABLED: '0' };
  const golangci = await run(await goTool('golangci-lint', '.'), ['run', '.', './backend/...'], { env });
  const docker = await run(await goTool('docker'), dockerFiles);
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
    ['app:lint:style', 'app:lint:types'].map((label) => run('npm', ['run', '--silent', label], { label })),
  );
  return Math.max(Number(stale), ...halves);
}

await main(import.meta, async () => {
  requireNode();
  heading('lint of the program');
  const program = await lintProgram();
  heading('lint of the app');
  return (await lintApp()) || program;
});
