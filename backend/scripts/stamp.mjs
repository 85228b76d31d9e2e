// Remembers what something was made from, so that it is made again only when that has changed.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { root } from './command.mjs';

/** A hash of the names and contents of files and folders (paths from the project's top); what is missing counts as such. */
export function contentOf(paths, { without = [] } = {}) {
  const hash = createHash('sha256');
  const left = paths.map((name) => path.normalize(name)).sort();
  const skipped = new Set(without.map((name) => path.normalize(name)));
  while (left.length > 0) {
    const name = left.shift();
    const full = path.join(root, name);
    if (skipped.has(name)) continue;
    if (!existsSync(full)) {
      hash.update(`missing ${name}\0`);
    } else if (statSync(full).isDirectory()) {
      left.push(
        ...readdirSync(full)
          .sort()
          .map((entry) => path.join(name, entry)),
      );
    } else {
      const content = readFileSync(full);
      hash.update(`${name}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

/** Whether the stamp file says exactly this. */
export const isStamped = (file, text) => existsSync(file) && readFileSync(file, 'utf8') === text;

/** Writes the stamp file, to be called when the thing has been made. */
export function stamp(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
