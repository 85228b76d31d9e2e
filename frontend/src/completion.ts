import { forget, keepChosen, type Chosen } from './memory';
import { go } from './router.svelte';

/**
 * Goes to the page of a completed recovery. Forgets what was typed, except the login ID and, when it was set from this
 * screen, the new password.
 */
export function complete(loginId: string, chosen?: Chosen): void {
  forget();
  keepChosen(chosen);
  go('/recover/done', { replace: true, carry: { loginId, completedAt: Date.now() } });
}
