import { forget } from './memory';
import { go } from './router.svelte';

/** How long after a completion its page still fills in the login ID, in milliseconds. */
export const keptFor = 5 * 60_000;

/** Leads to the page of a completed recovery. Of what was typed, only the login ID is kept, for login. */
export function complete(loginId: string): void {
  forget();
  go('/recover/done', { replace: true, carry: { loginId, completedAt: Date.now() } });
}
