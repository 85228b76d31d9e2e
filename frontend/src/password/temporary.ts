import { narrow } from '../normalise';

/** A temporary password as the mail writes it: 9 letters and digits without 0 O o 1 I l, some of each kind. */
const temporaryPassword = /^(?=.*[A-Z])(?=.*[a-z])(?=.*[2-9])[A-HJ-NP-Za-km-np-z2-9]{9}$/;

/**
 * Finds the temporary password in what a copy from the mail brought along: brackets, words, lines. Gives it only
 * when there is exactly one that it can be; else the text is left to the member and the server.
 */
export function findTemporaryPassword(text: string): string | undefined {
  const runs = narrow(text).match(/[A-Za-z0-9]+/g) ?? [];
  const found = new Set(runs.filter((run) => temporaryPassword.test(run)));
  return found.size === 1 ? [...found][0] : undefined;
}
