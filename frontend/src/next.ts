/** Control characters: C0, DEL and C1. */
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]/;

/** Leaves the app. Tests replace it. */
export const browser = {
  leave(address: string): void {
    location.replace(address);
  },
};

/**
 * Where `/?next=` leads after sign-in: a path of this origin with its query and fragment. Anything else is ignored: an attacker
 * may have made the link, to lead the member to a copy of this page on another site.
 */
export function nextOf({ search, origin }: { search: string; origin: string }): string | undefined {
  const [given, ...more] = search
    .slice(1)
    .split('&')
    .filter((part) => part.startsWith('next='));
  if (given === undefined || more.length) return undefined;
  try {
    const wanted = decodeURIComponent(given.slice('next='.length));
    if (!isPath(wanted)) return undefined;
    // Resolving removes dot segments, and can bring a second slash to the beginning.
    const url = new URL(wanted, origin);
    const resolved = url.pathname + url.search + url.hash;
    return url.origin === origin && isPath(resolved) ? resolved : undefined;
  } catch {
    return undefined; // a broken percent-encoding, or no address
  }
}

/** A browser takes `//host` and `/\host` for another origin's address. */
function isPath(text: string): boolean {
  return /^\/(?![/\\])/.test(text) && !control.test(text);
}
