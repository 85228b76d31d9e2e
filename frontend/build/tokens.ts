import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Custom properties that are tokens of the Digital Agency; all others are the app's own. */
const token =
  /--(?:color-(?:primitive|neutral|semantic)|font-(?:family|size|weight)|line-height|border-radius|elevation)-[a-z0-9-]+/g;

const moduleName = 'virtual:tokens.css';

/**
 * Provides `virtual:tokens.css`: the Digital Agency's design tokens that a style sheet or a component in `source` uses. The
 * whole set would take a third of the first load. A token that does not exist fails the build.
 */
export function tokens(source: string): Plugin {
  return {
    name: 'tokens',
    resolveId: (id) => (id === moduleName ? `\0${moduleName}` : undefined),
    load: (id) => (id === `\0${moduleName}` ? `:root{${declarations(usedTokens(source))}}` : undefined),
  };
}

function usedTokens(source: string): Set<string> {
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
  // A token's value may refer to other tokens.
  const needed = new Set<string>();
  const add = (name: string) => {
    const value = all.get(name);
    if (value === undefined) throw new Error(`there is no design token ${name}`);
    needed.add(name);
    (value.match(token) ?? []).forEach(add);
  };
  names.forEach(add);
  return [...needed].map((name) => `${name}:${all.get(name)}`).join(';');
}
