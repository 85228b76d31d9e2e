import type { Fault } from './form.svelte';
import { acceptsCookies } from './storage';
import { cookieWords } from './words/cookies';
import { localized } from './words/words';

/**
 * Gives a fault when the browser blocks cookies. The forms that need the cookie of an answer then send nothing: without it
 * a sign-in would have no effect and a temporary password would be used up.
 */
export function cookiesBlocked(): Fault[] {
  return acceptsCookies() ? [] : [{ say: () => Object.values(localized(cookieWords)) }];
}
