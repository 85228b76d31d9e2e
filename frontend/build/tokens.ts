import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Custom properties that belong to the Digital Agency's tokens; all others are the app's own. */
const token =
  /--(?:color-(?:primitive|neutral|semantic)|font-(?:family|size|weight)|line-height|border-radius|elevation)-[a-z0-9-]+/g;

const entry = 'virtual:tokens.css';

/**
 * Gives `virtual:tokens.css`: of the Digital Agency's design tokens only those that a file under `source`
 * uses. The whole set would be a third of the first load. A token that does not exist fails the build.
 */
export function tokens(source: string): Plugin {
  return {
    name: 'tokens',
    resolveId: (id) => (id === entry ? `\0${entry}` : undefined),
    load: (id) => (id === `\0${entry}` ? `:root{${declarations(used(source))}}` : undefined),
  };
}

function used(source: string): Set<string> {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const styled = files.filter((file) => /\.(css|svelte)$/.test(file));
  return new Set(styled.flatMap((file) => readFileSync(join(source, file), 'utf8').match(token) ?? []));
}

function declarations(names: Set<string>): string {
  const file = createRequire(import.meta.url).resolve('@digital-go-jp/design-tokens/dist/tokens.css');
  const all = new Map<string, string>();
  for (const [, name, value] of readFileSync(file, 'utf8').matchAll(/(--[a-z0-9-]+):\s*([^;]+);/g)) {
    all.set(name!, value!);
  }
  const wanted = new Set<string>();
  const want = (name: string) => {
    const value = all.get(name);
    if (value === undefined) throw new Error(`no design token is called ${name}`);
    wanted.add(name);
    (value.match(token) ?? []).forEach(want);
  };
  names.forEach(want);
  return [...wanted].map((name) => `${name}:${all.get(name)}`).join(';');
}
