import { mount } from 'svelte';
import 'virtual:tokens.css';
import './look/look.css';
import App from './App.svelte';
import { paint } from './look/paint';
import { router } from './router.svelte';
import { others } from './screens/others.svelte';
import { readSite, site } from './site';
import { showChangesThoughTranslated } from './translated';

/** How long the first paint waits for the screen of the address, in milliseconds. After that the frame is shown without a screen. */
const longestWait = 1000;

/**
 * Replaces the fallback of index.html with the app. When anything fails before the first screen is mounted, the fallback
 * with the help desk stays.
 */
async function start(): Promise<void> {
  const place = document.getElementById('app');
  // Chrome before 86 and Safari before 14 lack it: there the app would fail after the fallback was removed.
  if (!place?.replaceChildren) return;
  const screen = router.place.screen === 'login' ? undefined : others.fetch();
  await readSite();
  // The first paint shows the screen, not an empty frame.
  await Promise.race([screen, new Promise((resolve) => setTimeout(resolve, longestWait))]);
  // Ends the task here: one long task would block an old phone for too long.
  await new Promise((resolve) => setTimeout(resolve));
  paint(site.brand.colors);
  const app = document.createElement('div');
  showChangesThoughTranslated();
  mount(App, { target: app });
  place.replaceChildren(app);
}

void start();
