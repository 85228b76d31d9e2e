import { forget, keepChosen, type Chosen } from './memory';
import { go } from './router.svelte';

/** How long after a completion its page keeps the login ID and the new password, in milliseconds. */
export const keptFor = 5 * 60_000;

/**
 * Leads to the page of a completed recovery. Of what was typed, only the login ID is kept, and the new password where
 * it was set from this screen.
 */
export function complete(loginId: string, chosen?: Chosen): void {
  forget();
  keepChosen(chosen);
  go('/recover/done', { replace: true, carry: { loginId, completedAt: Date.now() } });
}
