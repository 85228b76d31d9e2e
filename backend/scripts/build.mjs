// Builds bin/aikagi: the app, unless it was built from the same files, and the program that embeds it.
//
//   npm run build

import path from 'node:path';

import { ask, main, must, root, say } from './command.mjs';
import { contentOf, makeOnce } from './stamp.mjs';
import { requireGo, requireNode } from './toolchain.mjs';

const dist = 'frontend/dist';

/**
 * Compiles without inlining what no call of a member waits for: commands, start-up, letters' templates, metrics on the wire,
 * traces, ACME. Each of go-redis's 570 commands is inlined into ten wrappers otherwise, which costs 1.5 MB of the program; the
 * others cost 0.6 MB.
 */
const notInlined = [
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
  await prepare();
  await buildApp();
  await buildProgram();
}

/** Checks the versions of Node and Go, and installs the npm packages. */
export async function prepare() {
  requireNode();
  await requireGo();
  await installPackages();
}

/** Runs npm ci, unless node_modules already holds the packages of package-lock.json. */
export async function installPackages() {
  const platform = `${process.platform} ${process.arch} ${process.versions.modules}`;
  const content = () => `${contentOf(['package-lock.json', '.npmrc'])} ${platform}`;
  await makeOnce(path.join(root, 'node_modules/.aikagi-stamp'), content, async () => {
    say('installing the packages of package-lock.json');
    await must('npm ci', 'npm', ['ci', '--no-progress', '--ignore-scripts']);
  });
}

// What the app is built from. Tests are left out, so that editing one does not build the app again.
const sources = ['src', 'build', 'index.html', 'vite.config.ts', 'tsconfig.json'].map(
  (name) => `frontend/${name}`,
);
const isTest = (name) => name.endsWith('.test.ts') || name.startsWith('frontend/src/test/');

/** Builds the app into frontend/dist, which the program embeds. */
export async function buildApp() {
  const inputs = contentOf([...sources, 'package.json', 'package-lock.json'], { without: isTest });
  const content = () => `${inputs} ${contentOf([dist])}`;
  await makeOnce(path.join(root, '.cache/app-stamp'), content, async () => {
    say('building the app');
    await must('the build of the app', 'npm', ['run', '--silent', 'app:build']);
  });
}

/** Compiles bin/aikagi. */
export const buildProgram = () => compile('bin/aikagi');

/** Compiles the program from the sources in `cwd`: one static file that holds its version and no path of this machine. */
export async function compile(out, { flags = [], ldflags = '', cwd, env } = {}) {
  const linker = `-s -w ${ldflags} ${await identity()}`;
  const all = ['-trimpath', ...flags, ...notInlined, '-ldflags', linker, '-o', out];
  const options = { cwd, env: { CGO_ENABLED: '0', ...env } };
  await must(`the build of ${path.basename(out)}`, 'go', ['build', ...all, '.'], options);
}

/** The version of the sources, from git. */
export const version = () => git('describe', '--tags', '--always', '--dirty');

/** The flags of the linker that write the version and the commit into the program. */
async function identity() {
  const commit = await git('rev-parse', 'HEAD');
  return `-X aikagi/backend/cli.version=${await version()} -X aikagi/backend/cli.commit=${commit}`;
}

async function git(...args) {
  const { code, stdout } = await ask('git', args);
  return code === 0 ? stdout.trim() : 'unknown';
}

await main(import.meta, async () => {
  await build();
  say('built bin/aikagi');
});
