// Builds the app and the program: bin/aikagi. What has not changed is not built again.
//
//   npm run build

import path from 'node:path';

import { ask, main, must, root, say } from './command.mjs';
import { contentOf, isStamped, stamp } from './stamp.mjs';
import { requireGo, requireNode } from './toolchain.mjs';

const dist = 'frontend/dist';

/**
 * Compiles go-redis without inlining: each of its 570 commands is inlined into ten wrappers otherwise, which makes the
 * program 1.5 MB larger.
 */
export const small = '-gcflags=github.com/redis/go-redis/v9=-l';

/** Builds everything: bin/aikagi is then as the sources are. */
export async function build() {
  requireNode();
  await requireGo();
  await installPackages();
  await buildApp();
  await buildProgram();
}

/** Installs the packages that package-lock.json names, when those in node_modules are others. */
export async function installPackages() {
  const file = path.join(root, 'node_modules/.aikagi-stamp');
  const wanted = `${contentOf(['package-lock.json', '.npmrc'])} ${process.platform} ${process.arch} ${process.versions.modules}`;
  if (isStamped(file, wanted)) return;
  say('installing the packages of package-lock.json');
  await must('npm ci', 'npm', ['ci', '--no-progress', '--ignore-scripts']);
  stamp(file, wanted);
}

/** Builds the app into frontend/dist, from where the program embeds it. */
export async function buildApp() {
  const file = path.join(root, '.cache/app-stamp');
  const inputs = contentOf(['frontend', 'backend/web/openapi.yaml', 'package.json', 'package-lock.json'], {
    without: [
      dist,
      'frontend/e2e',
      'frontend/pictures',
      'frontend/playwright.config.ts',
      'frontend/test-results',
      'frontend/playwright-report',
    ],
  });
  const made = () => `${inputs} ${contentOf([dist])}`;
  if (isStamped(file, made())) return;
  say('building the app');
  await must('the build of the app', 'npm', ['run', '--silent', 'app:build']);
  stamp(file, made());
}

/** Compiles bin/aikagi: one static file, with its version in it and no path of this machine. */
export async function buildProgram() {
  const ldflags = `-s -w -X aikagi/backend/cli.version=${await version()}`;
  await must(
    'the build of bin/aikagi',
    'go',
    ['build', '-trimpath', small, '-ldflags', ldflags, '-o', 'bin/aikagi', '.'],
    {
      env: { CGO_ENABLED: '0' },
    },
  );
}

/** The version that git names the sources by. */
export async function version() {
  const { code, stdout } = await ask('git', ['describe', '--tags', '--always', '--dirty']);
  return code === 0 ? stdout.trim() : 'unknown';
}

await main(import.meta, async () => {
  await build();
  say('built bin/aikagi');
});
