import { unlessBlocked } from './storage';

/** Stores when something was done, for this tab and its reloads. Only the time is stored. */
export function storeTime(key: string, at: number): void {
  unlessBlocked(() => sessionStorage.setItem(key, String(at)));
}

/** When something was done in this tab, by the device's clock. */
export function readTime(key: string): number | undefined {
  const at = Number(unlessBlocked(() => sessionStorage.getItem(key)) ?? NaN);
  return at <= Date.now() ? at : undefined;
}

/** The storage keys. */
export const timestamps = {
  /** The completion time of the recovery whose last page the member has left. */
  completionLeft: 'completion_left',
  askedForLetter: (recovery: string) => `asked_at:${recovery}`,
  redeemed: (recovery: string) => `redeemed_at:${recovery}`,
};
