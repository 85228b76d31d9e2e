// Remembers from what a thing was made, so that it is made again only after a change.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { root } from './command.mjs';

/**
 * A hash of the names and contents of files and of all files in folders (paths from the project's top). A missing one
 * changes the hash too; files for whose path `without` is true do not.
 */
export function contentOf(paths, { without = () => false } = {}) {
  const hash = createHash('sha256');
  for (const file of [...paths].sort().flatMap(filesIn)) {
    if (without(file)) continue;
    const full = path.join(root, file);
    const content = existsSync(full) ? readFileSync(full) : 'missing';
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function filesIn(name) {
  if (!statSync(path.join(root, name), { throwIfNoEntry: false })?.isDirectory()) return [name];
  const entries = readdirSync(path.join(root, name)).sort();
  return entries.flatMap((entry) => filesIn(path.posix.join(name, entry)));
}

/** Makes a thing, unless the stamp file holds the present content. Then writes the content into it. */
export async function makeOnce(file, content, make) {
  if (existsSync(file) && readFileSync(file, 'utf8') === content()) return;
  await make();
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content());
}
