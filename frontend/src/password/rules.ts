import type { Schemas } from '../api/client';

/** A rule that the new password breaks, with the server's code. */
export type Violation = Schemas['Violation'];

/** The numbers and symbols of the rules, from the server's settings. */
export type Rules = Schemas['Site']['password'];

/** What this page knows about the member. A text that is unknown is empty: then its rule is not checked. */
export interface Known {
  loginId: string;
  mailAddress: string;
}

/** A shorter login ID or local part may be in a password: it would be there by chance. */
const shortestName = 4;

/**
 * Gives the rules that a new password breaks, in the server's order. It checks the rules that need only the password and the
 * member's names. The tests of the server and of the app share backend/password/testdata/cases.json. Lengths and positions
 * count code points. Only ASCII letters have a case: the Kelvin sign is no k.
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
  if (contains(password, known.loginId)) found.push({ code: 'contains_login_id' });
  const [local = ''] = known.mailAddress.split('@');
  if (contains(password, local)) found.push({ code: 'contains_mail_address' });
  return found;
}

/** Whether a new password may contain the character: half-width letters, digits and some symbols. */
export function allowed(character: string, rules: Rules): boolean {
  return /^[A-Za-z0-9]$/.test(character) || rules.symbols.includes(character);
}

/**
 * The rules for password managers (the value of the `passwordrules` attribute), so that they suggest passwords that keep the
 * rules. In their list of symbols a hyphen must come first.
 */
export function forManagers({ min_length, max_length, symbols }: Rules): string {
  const hyphenFirst = Array.from(symbols).sort((a, b) => Number(b === '-') - Number(a === '-'));
  const list = `[${hyphenFirst.join('')}]`;
  return (
    `minlength: ${min_length}; maxlength: ${max_length}; required: upper; required: lower; ` +
    `required: digit, ${list}; allowed: upper, lower, digit, ${list};`
  );
}

function contains(password: string, name: string): boolean {
  return Array.from(name).length >= shortestName && lower(password).includes(lower(name));
}

function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
