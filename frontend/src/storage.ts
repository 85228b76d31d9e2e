/** Uses the browser's storage or cookies. Returns undefined when the browser blocks them, which throws: the app works without them. */
export function unlessBlocked<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}

/**
 * The storage key of the time when the session was last used, which all tabs share. Its removal tells them to forget what was typed.
 * It is not in session.svelte.ts, because login needs it before the second chunk is loaded.
 */
export const seenKey = 'session_seen_at';

/** Whether the browser accepts this site's cookies. It sets one to find out: Chromium sets `navigator.cookieEnabled` even when it blocks cookies. */
export function acceptsCookies(): boolean {
  return Boolean(
    unlessBlocked(() => {
      document.cookie = 'tried=1; SameSite=Strict';
      const accepted = document.cookie.includes('tried=1');
      document.cookie = 'tried=; Max-Age=0';
      return accepted;
    }),
  );
}
