import type { Fault } from './form.svelte';
import { takesCookies } from './storage';
import { cookieWords } from './words/cookies';
import { spoken } from './words/words';

/**
 * The fault of a browser that blocks cookies, if it does now. Without the cookie of the answer, a sign-in or a
 * temporary password would be spent for nothing, so the forms that need one send nothing then.
 */
export function cookiesBlocked(): Fault[] {
  return takesCookies() ? [] : [{ say: () => Object.values(spoken(cookieWords)) }];
}
