import type { Plugin } from 'vite';

/** Writes .gitkeep into the output folder, which Vite empties. Go embeds the folder, so it must be in a fresh clone. */
export function keepOutputFolder(): Plugin {
  return {
    name: 'keep-output-folder',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: '.gitkeep', source: '' });
    },
  };
}
