import type { Schemas } from '../api/client';

/** Puts the operator's colours in place of the app's own: theme.css takes each where it is set. */
export function paint(colors: Schemas['Colors'] | null): void {
  for (const [scheme, shades] of Object.entries(colors ?? {})) {
    for (const [use, color] of Object.entries(shades as Schemas['Shades'])) {
      // Set by script: the content security policy allows no style element.
      document.documentElement.style.setProperty(`--${scheme}-${use.replace('_', '-')}`, color);
    }
  }
}
