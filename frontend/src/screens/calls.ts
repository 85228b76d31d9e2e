import { onDestroy } from 'svelte';
import { calls, type Calls } from '../api/client';

/**
 * The calls for the component that is being created. They end with the component: an answer that comes later runs no code,
 * so that only the current screen navigates, stores or says anything.
 */
export function callsOfScreen(): Calls {
  const screen = new AbortController();
  onDestroy(() => screen.abort());
  return calls(screen.signal);
}
