import { forgiving } from './storage';

/** Notes when something was done, for this tab and its reloads. Only the time is kept, nothing of what was done. */
export function note(deed: string, at: number): void {
  forgiving(() => sessionStorage.setItem(deed, String(at)));
}

/** When something was done in this tab, by the device's clock. */
export function noted(deed: string): number | undefined {
  const at = Number(forgiving(() => sessionStorage.getItem(deed)) ?? NaN);
  return at <= Date.now() ? at : undefined;
}

/** The names of what is noted, each with the recovery that it is about. */
export const deeds = {
  askedForLetter: (recovery: string) => `asked_at:${recovery}`,
  redeemed: (recovery: string) => `redeemed_at:${recovery}`,
};
