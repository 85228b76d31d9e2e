import { mount } from 'svelte';
import 'virtual:tokens.css';
import './look/look.css';
import App from './App.svelte';
import { readSite } from './site';

/**
 * Starts the app in place of the fallback that index.html holds. When anything fails before the first
 * screen stands, the fallback, with the help desk, stays.
 */
async function start(): Promise<void> {
  const place = document.getElementById('app');
  // Came with Chrome 86 and Safari 14: without it the app would break later, with the fallback gone.
  if (!place?.replaceChildren) return;
  await readSite();
  const app = document.createElement('div');
  mount(App, { target: app });
  place.replaceChildren(app);
}

void start();
