import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** The limits of the first load: bytes compressed with brotli, and requests. */
const budget = { bytes: 30_000, requests: 4 };

/** The compressed size of what the server adds to the page: settings and help desk. */
const addedByServer = 1_000;

let out: string;
let html: string;

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'aikagi-app-'));
  // A process of its own: the environment of the test runner would make it a development build.
  const vite = join(import.meta.dirname, '../../node_modules/vite/bin/vite.js');
  const config = join(import.meta.dirname, '../vite.config.ts');
  execFileSync(
    process.execPath,
    [vite, 'build', '--config', config, '--outDir', out, '--logLevel', 'error'],
    {
      env: { ...process.env, NODE_ENV: 'production', VITEST: '' },
    },
  );
  html = readFileSync(join(out, 'index.html'), 'utf8');
}, 60_000);

afterAll(() => rmSync(out, { recursive: true }));

/** The files that the page loads. */
const loaded = () => [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!);

/** What is sent: the brotli form that the build made, or the page, which the server completes and compresses. */
const size = (path: string) =>
  path === 'index.html'
    ? brotliCompressSync(readFileSync(join(out, path))).length
    : readFileSync(join(out, `${path}.br`)).length;

/** The contents of all scripts, of which there are several. */
function scripts(): string[] {
  const names = readdirSync(join(out, 'assets')).filter((name) => name.endsWith('.js'));
  expect(names.length, 'scripts').toBeGreaterThan(1);
  return names.map((name) => readFileSync(join(out, 'assets', name), 'utf8'));
}

test('the first load is small', () => {
  const requests = ['index.html', ...loaded()];
  const bytes = requests.reduce((sum, path) => sum + size(path), addedByServer);
  expect(requests.length).toBeLessThanOrEqual(budget.requests);
  expect(bytes).toBeLessThanOrEqual(budget.bytes);
});

test('the brotli form of each script and style has the same content', () => {
  const names = readdirSync(join(out, 'assets')).filter((name) => /\.(js|css|svg)$/.test(name));
  expect(names.length).toBeGreaterThan(3);
  for (const name of names) {
    const path = join(out, 'assets', name);
    expect(brotliDecompressSync(readFileSync(`${path}.br`)).equals(readFileSync(path)), name).toBe(true);
  }
});

test('the page has no inline script and no inline style, which the content security policy blocks', () => {
  expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=/i);
  const tags = [...html.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes);
  expect(tags).toHaveLength(2);
  expect(tags.filter((each) => / src="\/assets\//.test(each!))).toHaveLength(1);
  expect(tags.filter((each) => / type="application\/json" id="site"/.test(each!))).toHaveLength(1);
});

test('the page has each mark that the server replaces once', () => {
  expect(html.split('<script type="application/json" id="site"></script>')).toHaveLength(2);
  for (const mark of ['brand', 'help-desk', 'copyright']) {
    expect(html.split(`<!--${mark}-->`), mark).toHaveLength(2);
  }
});

test('the first line of every script asks the browser to compile it as a whole', () => {
  for (const script of scripts()) expect(script).toMatch(/^\/\/# allFunctionsCalledOnLoad\n/);
});

test.each([
  ['for components older than Svelte 5', 'instanceof EventTarget'],
  ['that discloses its version', '__svelte'],
])('no script has the code of Svelte %s', (_, trace) => {
  for (const script of scripts()) expect(script).not.toContain(trace);
});

test('no script writes a style attribute into markup', () => {
  for (const script of scripts()) expect(script).not.toMatch(/<[^<>`]* style="/);
});

// https://issues.chromium.org/issues/42201552: Chrome before 91 fails on `a?.b(...c, d)`.
test('no script passes a spread argument in an optional chain', () => {
  for (const script of scripts()) expect(script).not.toMatch(/\?\.[\w$.[\]]*\([^()]*\.\.\./);
});

test('the output folder has the file .gitkeep, which keeps it in a fresh clone', () => {
  expect(readdirSync(out)).toContain('.gitkeep');
});
