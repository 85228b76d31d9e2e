// Runs every fuzz target for some time, one after the other, and reports the result of each.
//
//   npm run check:fuzz                                every target for 60 s
//   npm run check:fuzz -- -fuzztime=2m ReadMembers    those whose name contains one of the words
//
// A finding is written to testdata/fuzz beside the target, where every later go test tries it again: commit it.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { Failure, heading, main, root, run, say, scratchFolder } from './command.mjs';
import { requireGo } from './toolchain.mjs';

await main(import.meta, async (args) => {
  await requireGo();
  scratchFolder();
  const time = args.find((arg) => arg.startsWith('-fuzztime=')) ?? '-fuzztime=60s';
  const words = args.filter((arg) => arg !== time);
  const chosen = targets().filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (chosen.length === 0) throw new Failure(`no fuzz target's name contains ${words.join(' or ')}`);
  const failed = [];
  for (const { folder, name } of chosen) {
    heading(`${name} in ${folder}`);
    const flags = ['-run=^$', `-fuzz=^${name}$`, time, '-fuzzminimizetime=5s'];
    const code = await run('go', ['test', ...flags, `./${folder}`], { env: { CGO_ENABLED: '0' } });
    if (code !== 0) failed.push(name);
  }
  say(`\n${chosen.length} targets, ${failed.length} failed${failed.length ? `: ${failed.join(', ')}` : ''}`);
  return failed.length === 0 ? 0 : 1;
});

/** Every fuzz target under backend, with the folder of its package. */
function targets() {
  const files = readdirSync(path.join(root, 'backend'), { recursive: true }).filter((file) =>
    file.endsWith('_test.go'),
  );
  return files.sort().flatMap((file) => {
    const text = readFileSync(path.join(root, 'backend', file), 'utf8');
    const folder = path.posix.join('backend', path.dirname(file));
    return [...text.matchAll(/^func (Fuzz\w+)/gm)].map(([, name]) => ({ folder, name }));
  });
}
