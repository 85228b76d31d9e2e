/** Uses the browser's storage, which throws where it is blocked; the app then only forgets. */
export function forgiving<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}

/** Whether the browser takes this site's cookies. It must be tried: Chromium says `navigator.cookieEnabled` where it blocks them. */
export function takesCookies(): boolean {
  return Boolean(
    forgiving(() => {
      document.cookie = 'tried=1; SameSite=Strict';
      const taken = document.cookie.includes('tried=1');
      document.cookie = 'tried=; Max-Age=0';
      return taken;
    }),
  );
}
