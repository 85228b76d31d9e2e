import type { Schemas } from '../api/client';

/** One broken rule of the new member support password, in the server's codes. */
export type Violation = Schemas['Violation'];

/** The rules' figures, as the server's settings give them. */
export type Rules = Schemas['Site']['password'];

/** What is known of the member here. An empty text is not known, and judges nothing. */
export interface Known {
  loginId: string;
  mailAddress: string;
}

/** A login ID or a local part shorter than this may be inside: it would be there by chance. */
const shortestInside = 4;

/**
 * Judges a new password by every rule that needs nothing but the password and the member's own names, in the
 * server's order. Both run backend/password/testdata/cases.json. Lengths and positions count code points;
 * only ASCII letters have a case, so that the Kelvin sign is no k.
 */
export function judge(password: string, rules: Rules, known: Known): Violation[] {
  const characters = Array.from(password);
  const found: Violation[] = [];
  if (characters.length < rules.min_length) found.push({ code: 'too_short' });
  if (characters.length > rules.max_length) found.push({ code: 'too_long' });
  characters.forEach((character, index) => {
    if (!allowed(character, rules)) {
      found.push({ code: 'character_not_allowed', character, position: index + 1 });
    }
  });
  if (!/[A-Z]/.test(password)) found.push({ code: 'upper_case_missing' });
  if (!/[a-z]/.test(password)) found.push({ code: 'lower_case_missing' });
  if (!characters.some((each) => /[0-9]/.test(each) || rules.symbols.includes(each))) {
    found.push({ code: 'digit_or_symbol_missing' });
  }
  if (inside(password, known.loginId)) found.push({ code: 'contains_login_id' });
  const [local = ''] = known.mailAddress.split('@');
  if (inside(password, local)) found.push({ code: 'contains_mail_address' });
  return found;
}

/** Whether a character may stand in a new password: half-width letters, digits and the few symbols. */
export function allowed(character: string, rules: Rules): boolean {
  return /^[A-Za-z0-9]$/.test(character) || rules.symbols.includes(character);
}

/**
 * The rules as password managers read them (the `passwordrules` attribute), so that a suggested password
 * is one that will be taken. A hyphen must come first in their list of symbols.
 */
export function forManagers({ min_length, max_length, symbols }: Rules): string {
  const hyphenFirst = Array.from(symbols).sort((a, b) => Number(b === '-') - Number(a === '-'));
  const list = `[${hyphenFirst.join('')}]`;
  return (
    `minlength: ${min_length}; maxlength: ${max_length}; required: upper; required: lower; ` +
    `required: digit, ${list}; allowed: upper, lower, digit, ${list};`
  );
}

function inside(password: string, name: string): boolean {
  return Array.from(name).length >= shortestInside && lower(password).includes(lower(name));
}

function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
