import { tick } from 'svelte';
import { unlessBlocked } from './storage';

/** The screen that is shown, with the id of its recovery. */
export type Place =
  | { screen: 'login' | 'recover' | 'done' | 'member' | 'disavow' | 'not_found' }
  | { screen: 'temporary_password' | 'new_password'; id: string };

/**
 * What an entry of the browser's history carries beside its address. It survives a reload and is never sent. Browsers write
 * their history to disk, so it holds no secret and no mail address.
 */
export interface Carried {
  /** Fills in the login ID field. */
  loginId?: string;
  /** The address that sign-in leads to. */
  after?: string;
  /** The notice that the screen shows. */
  said?: 'signed_out' | 'session_ended' | 'closed' | 'not_signed_in';
  /** When the recovery was completed, by the device's clock; 0 if unknown. The login ID beside it is kept for `keptFor` only. */
  completedAt?: number;
}

/** How long after a completion the login ID and the new password are kept, in milliseconds. */
const keptFor = 5 * 60_000;

/** An entry of the history: what it carries, and the number of the visit in which that was written. */
interface Entry extends Carried {
  visit?: string;
}

/** The storage key of the number of this tab's visits. */
const visitKey = 'visit';

/** The place shown now. `moved` is false until the app itself has changed the screen: a first load moves no focus. */
export const router = $state({ place: placeOf(location.pathname), moved: false });

/** Reads the path of an address. A path that no screen has gives `not_found`. */
export function placeOf(pathname: string): Place {
  const path = pathname.length > 1 ? pathname.replace(/\/$/, '') : pathname;
  if (path === '/') return { screen: 'login' };
  if (path === '/recover') return { screen: 'recover' };
  if (path === '/recover/done') return { screen: 'done' };
  if (path === '/member') return { screen: 'member' };
  if (path === '/disavow') return { screen: 'disavow' };
  const [, id, step] = /^\/recover\/([A-Z2-7]{26})(\/password)?$/.exec(path) ?? [];
  if (id) return { screen: step ? 'new_password' : 'temporary_password', id };
  return { screen: 'not_found' };
}

/** Goes to an address of the app. With `replace` the present address leaves the history, so that *back* skips it. */
export function go(address: string, options: { replace?: boolean; carry?: Carried } = {}): void {
  const change = options.replace ? 'replaceState' : 'pushState';
  history[change](entry(options.carry), '', address);
  arrive();
  void tick().then(() => scrollTo(0, 0));
}

/**
 * What the present entry carries. Removes first what was written in an earlier visit, and the login ID of a recovery that was
 * completed too long ago.
 */
export function carried(): Carried {
  const { visit, ...carry } = (history.state as Entry | null) ?? {};
  const present = visit === presentVisit();
  const late = carry.loginId && endOf(carry) <= Date.now();
  if (present && !late) return carry;
  const kept = present ? { ...carry, loginId: '' } : {};
  history.replaceState(entry(kept), '');
  return kept;
}

/** When the carried login ID is to be forgotten, by the device's clock. NaN if it is kept until the visit ends. */
export function endOf({ completedAt = NaN }: Carried): number {
  return completedAt + keptFor;
}

/** Removes one value from what the present entry carries. */
export function uncarry(name: keyof Carried): void {
  if (carried()[name] !== undefined) history.replaceState(entry({ ...carried(), [name]: undefined }), '');
}

/**
 * Ends this tab's visit. No page can reach the other entries of its history, so each holds the number of the visit in
 * which it was written, and those of an earlier visit carry nothing any more.
 */
export function endVisit(): void {
  unlessBlocked(() => sessionStorage.setItem(visitKey, String(Number(presentVisit() ?? 0) + 1)));
}

function presentVisit(): string | undefined {
  return unlessBlocked(() => sessionStorage.getItem(visitKey)) ?? undefined;
}

function entry(carry: Carried = {}): Entry {
  const visit = presentVisit();
  return visit === undefined ? carry : { ...carry, visit };
}

/** Handles the browser's back and forward and clicks on the app's links. Returns a function that stops it. */
export function startRouter(): () => void {
  addEventListener('popstate', arrive);
  document.addEventListener('click', followLink);
  return () => {
    removeEventListener('popstate', arrive);
    document.removeEventListener('click', followLink);
  };
}

function arrive(): void {
  router.moved = true;
  carried(); // removes what the entry must not carry any more
  router.place = placeOf(location.pathname);
}

/**
 * Handles a plain click on a link to a screen of the app, which takes along what the present entry carries. The browser handles
 * every other click.
 */
function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target || link.origin !== location.origin || link.hash) return;
  if (placeOf(link.pathname).screen === 'not_found') return;
  event.preventDefault();
  go(link.pathname + link.search, { carry: carried() });
}
