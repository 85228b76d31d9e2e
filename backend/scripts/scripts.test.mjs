import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { root } from './command.mjs';
import { changes } from './dev.mjs';

let folder;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'aikagi-scripts-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('a script that is started through a symbolic link runs', () => {
  const link = path.join(folder, 'link');
  symlinkSync(root, link);
  const { status, stderr } = spawnSync(process.execPath, [path.join(link, 'backend/scripts/services.mjs')]);
  expect(String(stderr)).toContain('usage:');
  expect(status).toBe(1);
});

test('a change during a build is seen after it', async () => {
  const { note, next } = changes();
  note();
  await expect(next()).resolves.toBeUndefined();
});
