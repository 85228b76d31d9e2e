import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Plugin } from 'vite';

/**
 * Writes the brotli form of each script, style and icon beside it, at the highest level. The server would compress at a lower
 * level, to save memory: the first load would be 2 KB larger.
 */
export function compressFiles(): Plugin {
  return {
    name: 'compress-files',
    apply: 'build',
    writeBundle({ dir }, bundle) {
      for (const name of Object.keys(bundle).filter((each) => /\.(js|css|svg)$/.test(each))) {
        const path = join(dir!, name);
        writeFileSync(`${path}.br`, smallest(readFileSync(path)));
      }
    },
  };
}

/** The smallest of several brotli forms. The best parameters differ from build to build. */
function smallest(content: Buffer): Buffer {
  const parameters = [
    [0, 0],
    [16, 0],
    [0, 1],
    [16, 1],
  ] as const;
  const forms = parameters.map(([block, postfix]) =>
    brotliCompressSync(content, {
      params: { [constants.BROTLI_PARAM_LGBLOCK]: block, [constants.BROTLI_PARAM_NPOSTFIX]: postfix },
    }),
  );
  return forms.reduce((best, form) => (form.length < best.length ? form : best));
}
