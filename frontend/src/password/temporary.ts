import { narrow } from '../normalise';

/** The form of a temporary password in the mail: 9 letters and digits without 0 O o 1 I l, with at least one capital, small letter and digit. */
const temporaryPassword = /^(?=.*[A-Z])(?=.*[a-z])(?=.*[2-9])[A-HJ-NP-Za-km-np-z2-9]{9}$/;

/**
 * Finds the temporary password in a text that was copied from the mail, with brackets, words or lines around it. Gives it only
 * when exactly one word has its form.
 */
export function findTemporaryPassword(text: string): string | undefined {
  const words = narrow(text).match(/[A-Za-z0-9]+/g) ?? [];
  const found = new Set(words.filter((word) => temporaryPassword.test(word)));
  return found.size === 1 ? [...found][0] : undefined;
}
