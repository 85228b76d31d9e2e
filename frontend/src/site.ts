import { ask, type Schemas } from './api/client';

/** The operator's settings: brand, help desk, rules, lifetimes. They do not change while the app runs. */
export type Site = Schemas['Site'];

/** The site's settings; filled by `readSite` before anything is shown. */
export let site: Site;

/**
 * Reads the settings that the server put into the page. A page of the development server holds none and requests them; the
 * built app does not contain that branch.
 */
export async function readSite(): Promise<void> {
  const text = document.getElementById('site')?.textContent?.trim();
  if (!text && import.meta.env.DEV) {
    const answer = await ask.site();
    if (!answer.ok) throw new Error(`read the site's settings: ${answer.problem.code}`);
    site = answer.body;
    return;
  }
  site = JSON.parse(text ?? '') as Site;
}
