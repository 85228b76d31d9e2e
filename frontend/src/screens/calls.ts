import { onDestroy } from 'svelte';
import { calls, type Calls } from '../api/client';

/**
 * The calls for the screen (or the part of one) that is being created. They end with it: an answer that comes later
 * runs no code, so that only the screen on show navigates, stores or says anything.
 */
export function callsOfScreen(): Calls {
  const screen = new AbortController();
  onDestroy(() => screen.abort());
  return calls(screen.signal);
}
