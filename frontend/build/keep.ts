import type { Plugin } from 'vite';

/** Writes .gitkeep into the built folder again: a fresh clone compiles only while the folder is there. */
export function keepFolder(): Plugin {
  return {
    name: 'keep-folder',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: '.gitkeep', source: '' });
    },
  };
}
