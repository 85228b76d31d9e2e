/** Dashes that Japanese keyboards put in place of a hyphen. */
const dashes = /[‐‑‒–—―−ー]/g;

/** Invisible characters: zero-width characters, joiners, direction marks, soft hyphens, byte order marks. */
const invisible = /\p{Cf}/gu;

/** Replaces the characters that a Japanese keyboard or a copied text has in place of ASCII, and removes invisible ones. */
export function narrow(text: string): string {
  return text
    .replace(/[！-～]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, ' ')
    .replace(dashes, '-')
    .replace(/[。｡]/g, '.')
    .replace(invisible, '');
}

/**
 * Normalises a typed login ID or mail address as the server does; both read backend/member/testdata/folds.json. Only
 * ASCII letters become lower case.
 */
export function normalise(typed: string): string {
  return narrow(typed)
    .trim()
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Normalises and gives the part before the first `@`: a login ID without its suffix, an address's local part. */
export function beforeAt(typed: string): string {
  const [before = ''] = normalise(typed).split('@');
  return before;
}
