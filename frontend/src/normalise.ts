/**
 * Normalises a login ID or a mail address as the server does: invisible characters (category Cf) are dropped, full-width
 * ASCII, the ideographic space, dashes and ideographic full stops are folded to ASCII, outer spaces are trimmed, and
 * ASCII letters become lower case.
 */
export function normalise(typed: string): string {
  return typed
    .replace(/\p{Cf}/gu, '')
    .replace(/[！-～]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, ' ')
    .replace(/[‐‑‒–—―−ー]/g, '-')
    .replace(/[。｡]/g, '.')
    .trim()
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Normalises and gives the part before the first `@`: a login ID without its suffix, an address's local part. */
export function beforeAt(typed: string): string {
  const [before = ''] = normalise(typed).split('@');
  return before;
}
