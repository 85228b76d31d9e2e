import { forget, keepChosen, type Chosen } from './memory';
import { go } from './router.svelte';
import { tellSignedOut } from './session.svelte';

/** Stands for an unknown time: the five minutes count as over. */
const unknownTime = 0;

/**
 * Goes to the page of a completed recovery. Forgets what was typed. `own` is what that page keeps for five minutes: the login ID
 * and, if it is known, the new password. Only the screen that has set the password gives it. The server does not say when a
 * recovery was completed, so a screen that finds one completed keeps nothing: its five minutes may be over. It tells the other tabs
 * nothing either: the member may be typing the new password into one of them.
 */
export function complete(own?: { loginId: string; chosen?: Chosen | undefined }): void {
  forget();
  if (own) tellSignedOut();
  keepChosen(own?.chosen);
  const carry = own ? { loginId: own.loginId, completedAt: Date.now() } : { completedAt: unknownTime };
  go('/recover/done', { replace: true, carry });
}
