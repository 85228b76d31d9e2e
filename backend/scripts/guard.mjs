// Cleans up after a script, also after one that was killed: when its input ends, it kills every process group and removes
// every folder that the script told it to watch and not to forget.

import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const watched = new Set();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const [order, what] = JSON.parse(line);
  if (order === 'watch') watched.add(what);
  if (order === 'forget') watched.delete(what);
}

for (const what of [...watched].reverse()) {
  if (typeof what === 'string') {
    rmSync(what, { recursive: true, force: true, maxRetries: 5 });
    continue;
  }
  try {
    process.kill(-what, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}
