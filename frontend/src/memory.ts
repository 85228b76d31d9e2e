import { draft, type Asked } from './draft.svelte';
import { endVisit } from './router.svelte';

/** A password that was just set. */
export interface Chosen {
  password: string;
  /** Whether it was generated, so that the member may still have to write it down. */
  made: boolean;
}

let chosen: Chosen | undefined;

/** Keeps the password that was just set for the next screen, the page of the completion. */
export function keepChosen(set: Chosen | undefined): void {
  chosen = set;
}

/** Gives the password that was just set, once. */
export function takeChosen(): Chosen | undefined {
  const taken = chosen;
  chosen = undefined;
  return taken;
}

/** The token in the link of the notice that opened this tab. It is removed from the address, so that no history holds it. */
export const disavowal = { token: '' };

const asked = new Map<string, Asked>();

/** Remembers what was typed to ask for a recovery. */
export function remember(recovery: string, typed: Asked): void {
  asked.set(recovery, { ...typed });
}

/** What was typed to ask for a recovery, if that was in this tab. */
export function recall(recovery: string): Asked | undefined {
  return asked.get(recovery);
}

/** Forgets everything typed in this tab, in memory and in its history: after completion, sign-in, sign-out and a session's end. */
export function forget(): void {
  disavowal.token = '';
  forgetTyped();
}

/** Forgets what was typed, but not a disavowal's token, which its page still needs. */
export function forgetTyped(): void {
  forgetDraft();
  asked.clear();
  endVisit();
}

/** Forgets what a page would show before it asks the server. */
export function forgetDraft(): void {
  draft.loginId = draft.mailAddress = '';
  chosen = undefined;
}
