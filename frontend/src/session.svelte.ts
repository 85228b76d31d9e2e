import type { Answer, Code, Schemas } from './api/client';
import { site } from './site';
import { seenKey, unlessBlocked } from './storage';

/** Problems that only a signed-in member gets: the server found the session, so its idle time has begun again. */
const refusals = new Set<Code>(['current_password_wrong', 'password_rejected', 'too_many_attempts']);

/** When the session ends, as far as this browser knows: the idle time after the last use in any tab, or the absolute limit. */
export class SessionEnd {
  /** When the session was last used, in any tab. */
  private seen = $state<number>();
  /** The absolute limit of the session. */
  private latest = $state(Infinity);

  /** By the device's clock, like the two above. */
  readonly at = $derived(this.seen === undefined ? undefined : Math.min(this.seen + idle(), this.latest));
  /** Whether using the session now would move its end. */
  readonly canExtend = $derived(this.seen === undefined || this.latest > this.seen + idle());

  /** Records that the session was used just now. A member that was read just now also gives the session's age. */
  used(member?: Schemas['Member']): void {
    const now = Date.now();
    const here = member?.sessions.find((each) => each.current);
    if (here) {
      // Both times are the server's: the device's clock may be wrong.
      const age = Date.parse(here.last_seen_at) - Date.parse(here.signed_in_at);
      this.latest = now + site.lifetimes.session_absolute * 1000 - age;
    }
    this.seen = now;
    unlessBlocked(() => localStorage.setItem(seenKey, String(now)));
  }

  /** Records the use of the session by a request, also by one that was refused. */
  usedBy(answer: Answer<unknown>): void {
    if (answer.ok || refusals.has(answer.problem.code)) this.used();
  }

  /** Handles a storage event of another tab. Returns whether the member has signed out there. */
  handle({ key, newValue }: StorageEvent): boolean {
    if (key !== seenKey) return false;
    if (newValue) this.seen = Math.max(this.seen ?? 0, Number(newValue));
    return !newValue;
  }
}

/** Tells the other tabs that the member has signed out or completed a recovery, which ends every session. */
export function tellSignedOut(): void {
  unlessBlocked(() => {
    // Browsers report a removal only if there was a value; without a sign-in there is none.
    localStorage.setItem(seenKey, '0');
    localStorage.removeItem(seenKey);
  });
}

const idle = () => site.lifetimes.session_idle * 1000;
