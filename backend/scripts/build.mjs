// Builds bin/aikagi: the app, unless it was built from the same files, and the program that embeds it.
//
//   npm run build

import path from 'node:path';

import { ask, main, must, root, say } from './command.mjs';
import { contentOf, isStamped, stamp } from './stamp.mjs';
import { requireGo, requireNode } from './toolchain.mjs';

const dist = 'frontend/dist';

/**
 * Compiles without inlining what no call of a member waits for: commands, start-up, letters' templates, metrics on the wire,
 * traces, ACME. Each of go-redis's 570 commands is inlined into ten wrappers otherwise, which costs 1.5 MB of the program; the
 * others cost 0.6 MB.
 */
export const small = [
  'github.com/redis/go-redis/v9',
  'google.golang.org/protobuf/...',
  'go.opentelemetry.io/...',
  'github.com/pressly/goose/...',
  'github.com/alecthomas/kong',
  'github.com/BurntSushi/toml',
  'github.com/klauspost/...',
  'github.com/PuerkitoBio/...',
  'github.com/russross/...',
  'github.com/Masterminds/...',
  'gorm.io/gorm/migrator',
  'golang.org/x/net/...',
  'golang.org/x/crypto/acme/...',
  'net/http/...',
  'text/template/...',
  'html/template',
  'encoding/gob',
  'encoding/xml',
  'go/...',
  'runtime/pprof',
  'internal/profile',
].map((library) => `-gcflags=${library}=-l`);

/** Builds bin/aikagi from the present files. */
export async function build() {
  requireNode();
  await requireGo();
  await installPackages();
  await buildApp();
  await buildProgram();
}

/** Runs npm ci, unless node_modules already holds the packages of package-lock.json. */
export async function installPackages() {
  const file = path.join(root, 'node_modules/.aikagi-stamp');
  const wanted = `${contentOf(['package-lock.json', '.npmrc'])} ${process.platform} ${process.arch} ${process.versions.modules}`;
  if (isStamped(file, wanted)) return;
  say('installing the packages of package-lock.json');
  await must('npm ci', 'npm', ['ci', '--no-progress', '--ignore-scripts']);
  stamp(file, wanted);
}

// What the app is built from. Tests are left out, so that editing one does not build the app again.
const sources = ['src', 'build', 'index.html', 'vite.config.ts', 'tsconfig.json'].map(
  (name) => `frontend/${name}`,
);
const isTest = (name) => name.endsWith('.test.ts') || name.startsWith('frontend/src/test/');

/** Builds the app into frontend/dist, which the program embeds. */
export async function buildApp() {
  const file = path.join(root, '.cache/app-stamp');
  const inputs = contentOf([...sources, 'package.json', 'package-lock.json'], { without: isTest });
  const made = () => `${inputs} ${contentOf([dist])}`;
  if (isStamped(file, made())) return;
  say('building the app');
  await must('the build of the app', 'npm', ['run', '--silent', 'app:build']);
  stamp(file, made());
}

/** Compiles bin/aikagi: one static file that holds its version and no path of this machine. */
export async function buildProgram() {
  const ldflags = `-s -w ${await identity()}`;
  await must(
    'the build of bin/aikagi',
    'go',
    ['build', '-trimpath', ...small, '-ldflags', ldflags, '-o', 'bin/aikagi', '.'],
    { env: { CGO_ENABLED: '0' } },
  );
}

/** The version of the sources, from git. */
export async function version() {
  const { code, stdout } = await ask('git', ['describe', '--tags', '--always', '--dirty']);
  return code === 0 ? stdout.trim() : 'unknown';
}

/** The flags of the linker that write the version and the commit into the program. */
export async function identity() {
  const { code, stdout } = await ask('git', ['rev-parse', 'HEAD']);
  const commit = code === 0 ? stdout.trim() : 'unknown';
  return `-X aikagi/backend/cli.version=${await version()} -X aikagi/backend/cli.commit=${commit}`;
}

await main(import.meta, async () => {
  await build();
  say('built bin/aikagi');
});
