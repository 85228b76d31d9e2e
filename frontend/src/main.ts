import { mount } from 'svelte';
import 'virtual:tokens.css';
import './look/look.css';
import App from './App.svelte';
import { paint } from './look/paint';
import { router } from './router.svelte';
import { others } from './screens/others.svelte';
import { readSite, site } from './site';
import { showChangesThoughTranslated } from './translated';

/** How long the page waits, in milliseconds, for the screen that was asked for: a slow line shows the frame meanwhile. */
const patience = 1000;

/**
 * Starts the app in place of the fallback that index.html holds. When anything fails before the first
 * screen stands, the fallback, with the help desk, stays.
 */
async function start(): Promise<void> {
  const place = document.getElementById('app');
  // Came with Chrome 86 and Safari 14: without it the app would break later, with the fallback gone.
  if (!place?.replaceChildren) return;
  const screen = router.place.screen === 'login' ? undefined : others.fetch();
  await readSite();
  // What is painted first is the screen itself, not a frame that it comes into.
  await Promise.race([screen, new Promise((resolve) => setTimeout(resolve, patience))]);
  // A task of its own: run together, all this would hold up an old phone for too long at once.
  await new Promise((resolve) => setTimeout(resolve));
  paint(site.brand.colors);
  const app = document.createElement('div');
  showChangesThoughTranslated();
  mount(App, { target: app });
  place.replaceChildren(app);
}

void start();
