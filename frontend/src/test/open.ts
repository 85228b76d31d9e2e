import { render } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import App from '../App.svelte';
import { language } from '../language.svelte';
import { draft } from '../draft.svelte';
import { disavowal } from '../memory';
import { placeOf, router, type Carried } from '../router.svelte';
import { readSite } from '../site';
import { settings } from './server';

/** Opens the app at an address, as in a browser that has never opened it. Returns the user, who types and clicks. */
export async function open(address: string, options: { carry?: Carried; site?: object } = {}) {
  const site = document.createElement('script');
  site.id = 'site';
  site.type = 'application/json';
  site.textContent = JSON.stringify({ ...settings, ...options.site });
  document.getElementById('site')?.remove();
  document.head.append(site);
  await readSite();
  language.now = 'ja';
  Object.assign(draft, { loginId: '', mailAddress: '' });
  disavowal.token = '';
  history.replaceState(options.carry ?? null, '', address);
  Object.assign(router, { place: placeOf(location.pathname), moved: false });
  render(App);
  return userEvent.setup({ delay: null });
}
