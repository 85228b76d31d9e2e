/**
 * What this tab remembers of what was typed, so that nothing has to be typed twice. It lives in the page's
 * memory and nowhere else: a reload forgets it, and the next person at this computer does not find it.
 */
export interface Asked {
  loginId: string;
  mailAddress: string;
}

/** What step 2 shows when it is opened again. */
export const draft: Asked = { loginId: '', mailAddress: '' };

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
