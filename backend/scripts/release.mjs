// Makes what is given to operators, in bin/release: the program for Linux on amd64 and arm64, the bills of materials of
// its Go and npm parts (CycloneDX), and SHA256SUMS over all of them.
//
//   npm run release              makes it
//   npm run check:release        makes the programs twice, in two copies of the sources in two folders, and compares them
//
// The same commit, Go and packages give the same bytes: no path, time or name of a machine is in them.

import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { buildApp, compile, prepare, version } from './build.mjs';
import { Failure, ask, main, must, root, say, scratchFolder } from './command.mjs';
import { goTool } from './toolchain.mjs';

const folder = path.join(root, 'bin/release');
const architectures = ['amd64', 'arm64'];
const nameOf = (architecture) => `aikagi-linux-${architecture}`;

await main(import.meta, async ([deed]) => {
  await prepare();
  if (deed === 'twice') return compareTwoBuilds();
  if (deed) throw new Failure(`unknown: ${deed}; npm run release and npm run check:release take no argument`);
  await buildApp();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await buildPrograms(root, folder);
  await writeBills();
  writeFileSync(path.join(folder, 'SHA256SUMS'), sums(folder));
  say(`made ${readdirSync(folder).join(', ')} in bin/release`);
});

async function buildPrograms(sources, into) {
  for (const architecture of architectures) {
    await compile(path.join(into, nameOf(architecture)), {
      flags: ['-buildvcs=false'],
      ldflags: '-buildid=',
      cwd: sources,
      env: { GOOS: 'linux', GOARCH: architecture, GOFLAGS: '', GOAMD64: 'v1', GOARM64: 'v8.0' },
    });
  }
}

async function writeBills() {
  const cyclonedx = await goTool('cyclonedx-gomod', 'release');
  for (const architecture of architectures) {
    const program = path.join(folder, nameOf(architecture));
    const flags = ['-json', '-std', '-noserial', '-notimestamp', '-version', await version()];
    const files = ['-output', `${program}.cdx.json`, program];
    await must('the bill of the Go parts', cyclonedx, ['bin', ...flags, ...files]);
  }
  const { code, stdout, stderr } = await ask('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only']);
  if (code !== 0) throw new Failure(`npm sbom failed: ${stderr}`);
  const bill = JSON.parse(stdout);
  bill.metadata.component.name = 'aikagi'; // npm takes the folder's name
  delete bill.serialNumber; // this and the time would differ each time
  delete bill.metadata.timestamp;
  writeFileSync(path.join(folder, 'aikagi-npm.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
}

function sums(where) {
  return readdirSync(where)
    .sort()
    .map((name) => `${createHash('sha256').update(readFileSync(path.join(where, name))).digest('hex')}  ${name}\n`)
    .join('');
}

async function compareTwoBuilds() {
  const found = [];
  for (const name of ['first', 'a folder with another name']) {
    const copy = path.join(scratchFolder(), name);
    const made = path.join(scratchFolder(), `${name} made`);
    copySources(copy);
    mkdirSync(made);
    await must('the build of the app', 'npm', ['run', '--silent', 'app:build'], { cwd: copy });
    // Nothing that the other build compiled is used again.
    process.env.GOCACHE = path.join(scratchFolder(), `${name} cache`);
    await buildPrograms(copy, made);
    found.push(sums(made));
  }
  if (found[0] !== found[1]) throw new Failure(`two builds of the same sources differ:\n${found.join('\n')}`);
  say(`two builds are the same:\n${found[0]}`);
  return 0;
}

function copySources(copy) {
  const left = ['.git', '.cache', 'bin', 'frontend/dist'].map((name) => path.join(root, name));
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true, filter: (source) => !left.includes(source) });
  mkdirSync(path.join(copy, 'frontend/dist'), { recursive: true });
  cpSync(path.join(root, 'frontend/dist/.gitkeep'), path.join(copy, 'frontend/dist/.gitkeep'));
}
