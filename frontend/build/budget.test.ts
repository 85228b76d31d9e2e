import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** What the first load may cost: bytes in brotli, and requests. */
const budget = { bytes: 30_000, requests: 4 };

/** What the server writes into the page beyond what was built: settings and help desk, compressed with it. */
const settingsOfServer = 1_000;

let out: string;
let html: string;

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'aikagi-app-'));
  // In a process of its own: what the test runner sets would make it a development build.
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

const files = () => [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!);
const size = (path: string) => brotliCompressSync(readFileSync(join(out, path))).length;

test('the first load is small', () => {
  const requests = ['index.html', ...files()];
  const bytes = requests.reduce((sum, path) => sum + size(path), settingsOfServer);
  expect(requests.length).toBeLessThanOrEqual(budget.requests);
  expect(bytes).toBeLessThanOrEqual(budget.bytes);
});

test('the page holds no inline script and no inline style, which the content security policy blocks', () => {
  expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=/i);
  const scripts = [...html.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes);
  expect(scripts).toHaveLength(2);
  expect(scripts.filter((each) => / src="\/assets\//.test(each!))).toHaveLength(1);
  expect(scripts.filter((each) => / type="application\/json" id="site"/.test(each!))).toHaveLength(1);
});

test('the page holds the marks that the server fills in, each once', () => {
  expect(html.split('<script type="application/json" id="site"></script>')).toHaveLength(2);
  for (const mark of ['brand', 'help-desk', 'copyright']) {
    expect(html.split(`<!--${mark}-->`), mark).toHaveLength(2);
  }
});

test('every script asks to be compiled as a whole, in its first line', () => {
  const scripts = readdirSync(join(out, 'assets')).filter((name) => name.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(1);
  for (const name of scripts)
    expect(readFileSync(join(out, 'assets', name), 'utf8')).toMatch(/^\/\/# allFunctionsCalledOnLoad\n/);
});

test('no script writes a style attribute into markup', () => {
  const scripts = readdirSync(join(out, 'assets')).filter((name) => name.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(1);
  for (const name of scripts)
    expect(readFileSync(join(out, 'assets', name), 'utf8')).not.toMatch(/<[^<>`]* style="/);
});

// https://issues.chromium.org/issues/42201552: Chrome before 91 fails on `a?.b(...c, d)`.
test('no script passes a spread argument in an optional chain', () => {
  const scripts = readdirSync(join(out, 'assets')).filter((name) => name.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(1);
  for (const name of scripts)
    expect(readFileSync(join(out, 'assets', name), 'utf8')).not.toMatch(/\?\.[\w$.[\]]*\([^()]*\.\.\./);
});

test('the folder is kept for a fresh clone', () => {
  expect(readdirSync(out)).toContain('.gitkeep');
});
