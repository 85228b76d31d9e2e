/** What is typed to ask for a recovery. */
export interface Asked {
  loginId: string;
  mailAddress: string;
}

/**
 * What login and step 2 show when they are opened again, so that nothing has to be typed twice. It is in the page's memory
 * only: a reload loses it, and `forget` clears it before the next person uses this browser.
 */
export const draft = $state<Asked>({ loginId: '', mailAddress: '' });
