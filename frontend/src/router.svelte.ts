import { tick } from 'svelte';
import { forgiving } from './storage';

/** Where the member is: one screen, and the recovery that it is about. */
export type Place =
  | { screen: 'login' | 'recover' | 'done' | 'member' | 'disavow' | 'not_found' }
  | { screen: 'temporary_password' | 'new_password'; id: string };

/**
 * What an address carries along in the browser's history. It survives a reload and is never sent anywhere.
 * No secret and no mail address belongs here: browsers write their history to disk.
 */
export interface Carried {
  /** Fills in the login ID field. */
  loginId?: string;
  /** Where sign-in leads. */
  after?: string;
  /** What the screen says first. */
  said?: 'signed_out' | 'session_ended' | 'closed' | 'not_signed_in';
  /** When the recovery was completed that the page tells of, by the device's clock. */
  completedAt?: number;
}

/** What an entry of the history holds: what its address carries, and the visit in which that was written. */
interface Entry extends Carried {
  visit?: string;
}

/** Where the number of this tab's visits is kept. */
const visitKey = 'visit';

/** The place shown now. `moved` is false until the app itself has changed the screen: a first load moves no focus. */
export const router = $state({ place: placeOf(location.pathname), moved: false });

/** Reads an address's path. A path that is no place of the app is `not_found`. */
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

/** What the present address carries. What was written in an earlier visit is removed instead of given. */
export function carried(): Carried {
  const { visit, ...carry } = (history.state as Entry | null) ?? {};
  if (visit === presentVisit()) return carry;
  history.replaceState(entry(), '');
  return {};
}

/** Removes one thing from what the present address carries. */
export function uncarry(name: keyof Carried): void {
  if (carried()[name] !== undefined) history.replaceState(entry({ ...carried(), [name]: undefined }), '');
}

/**
 * Ends this tab's visit. No page can reach the other entries of its history, so each holds the number of the visit in
 * which it was written, and those of an earlier visit carry nothing any more.
 */
export function endVisit(): void {
  forgiving(() => sessionStorage.setItem(visitKey, String(Number(presentVisit() ?? 0) + 1)));
}

function presentVisit(): string | undefined {
  return forgiving(() => sessionStorage.getItem(visitKey)) ?? undefined;
}

function entry(carry: Carried = {}): Entry {
  const visit = presentVisit();
  return visit === undefined ? carry : { ...carry, visit };
}

/** Follows the browser's back and forward, and the app's own links. Gives a function that stops it. */
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
  carried();
  router.place = placeOf(location.pathname);
}

/** Only a plain click on a link to a place of the app is the app's; every other is the browser's. */
function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target || link.origin !== location.origin || link.hash) return;
  if (placeOf(link.pathname).screen === 'not_found') return;
  event.preventDefault();
  go(link.pathname + link.search);
}
