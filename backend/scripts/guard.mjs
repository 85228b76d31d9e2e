// Stands beside the scripts for the moment when they are killed without a chance to clean up: then its input
// ends, and it ends every process group and removes every folder that it was told to watch and not to forget.

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
