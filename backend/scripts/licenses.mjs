// Writes backend/cli/licenses.txt: the licences of everything in the program, each text once, after the names of the parts
// under it. A test compares the Go modules that it names with those of the build.
//
//   npm run licenses

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { prepare } from './build.mjs';
import { Failure, ask, main, root, say } from './command.mjs';

const file = path.join(root, 'backend/cli/licenses.txt');

await main(import.meta, async () => {
  await prepare();
  const parts = new Map(); // names by text
  for (const { name, folder } of [...(await goParts()), ...(await npmParts())]) {
    const text = licenseIn(folder, name);
    parts.set(text, [...(parts.get(text) ?? []), name]);
  }
  const chapters = [...parts].map(([text, names]) => `${names.sort().join('\n')}\n\n${text}\n`);
  writeFileSync(file, chapters.sort().join(`\n${'-'.repeat(78)}\n\n`));
  say(`wrote the licences of ${[...parts.values()].flat().length} parts`);
});

/** Go itself, and each module of which a package is in the program. */
async function goParts() {
  const format = '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}';
  const env = { CGO_ENABLED: '0', GOOS: 'linux', GOARCH: 'amd64' };
  const { code, stdout, stderr } = await ask('go', ['list', '-deps', '-f', format, '.'], { env });
  if (code !== 0) throw new Failure(`go list failed: ${stderr}`);
  const lines = [...new Set(stdout.split('\n').filter(Boolean))];
  const goroot = (await ask('go', ['env', 'GOROOT'])).stdout.trim();
  return [
    { name: 'the Go standard library', folder: goroot },
    ...lines.map((line) => ({ name: line.split('\t')[0], folder: line.split('\t')[1] })),
  ];
}

/** Each npm package of which code is in the built app. */
async function npmParts() {
  const { build } = await import('vite'); // which prepare may have installed
  const fileName = 'licenses.json';
  const { output } = await build({
    configFile: path.join(root, 'frontend/vite.config.ts'),
    logLevel: 'error',
    build: { write: false, emptyOutDir: false, license: { fileName } },
  });
  const bundled = JSON.parse(output.find((file) => file.fileName === fileName).source);
  const tokens = '@digital-go-jp/design-tokens'; // its values are in the style sheet
  return [...bundled.map(({ name }) => name), tokens].map((name) => {
    const folder = path.join(root, 'node_modules', name);
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return { name: `${name} ${version} (npm)`, folder };
  });
}

function licenseIn(folder, name) {
  const texts = readdirSync(folder)
    .filter((entry) => /^(licen[cs]e|copying|notice)([-.]|$)/i.test(entry))
    .sort()
    .map((entry) => readFileSync(path.join(folder, entry), 'utf8').replaceAll('\r\n', '\n').trim());
  if (texts.length === 0) throw new Failure(`${name} has no licence in ${folder}`);
  return texts.join('\n\n');
}
