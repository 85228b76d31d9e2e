import { draft, type Asked } from './draft.svelte';
import { endVisit } from './router.svelte';

/** A password that was just set. */
export interface Chosen {
  password: string;
  /** Whether it was made here, so that it may still have to be written down. */
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

/** The token of the notice whose link opened this tab: out of the address, so that no history holds it. */
export const disavowal = { token: '' };

const asked = new Map<string, Asked>();

/** Remembers what a recovery was asked with, as typed. */
export function remember(recovery: string, typed: Asked): void {
  asked.set(recovery, { ...typed });
}

/** What a recovery was asked with, when it was asked in this tab. */
export function recall(recovery: string): Asked | undefined {
  return asked.get(recovery);
}

/** Forgets everything typed in this tab, in memory and in its history: after completion, sign-in, sign-out and a session's end. */
export function forget(): void {
  forgetDraft();
  asked.clear();
  disavowal.token = '';
  endVisit();
}

/** Forgets what would be shown without asking the server first. */
export function forgetDraft(): void {
  draft.loginId = draft.mailAddress = '';
  chosen = undefined;
}
