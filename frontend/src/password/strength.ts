/** How hard a password is to guess, estimated from its form. */
export type Strength = 'weak' | 'fair' | 'strong';

/** The bits from which a password is fair (about two unrelated words) and strong (about four). */
const fairFrom = 30;
const strongFrom = 48;

/** The bits of one character, unless a rule below gives less. */
const letter = Math.log2(26);
const digit = Math.log2(10);
const symbol = 2;
/** The bits of letters that can be pronounced, which count as a word: few, and little more for each letter. */
const word = { base: 6, eachLetter: 1.2 };
/** The bits of a year from 1900 to 2099. */
const year = 6;
/** The bits of a character that continues a sequence, and of a repetition. */
const repeated = 0.5;

/** Sequences that people type, forwards and backwards: the alphabet, the digits, the rows of a keyboard. */
const forwards = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop@', 'asdfghjkl', 'zxcvbnm'];
const sequences = forwards.concat(forwards.map((each) => [...each].reverse().join('')));

/**
 * Estimates the strength from the form: length, kinds of characters, words, years, sequences, repetitions. It has no list of
 * words: only the server knows which passwords are common.
 */
export function strength(password: string): Strength {
  const parts = password.toLowerCase().match(/[a-z]+|[0-9]+|[^a-z0-9]+/g) ?? [];
  const different = new Set(parts);
  const runsOfCapitals = (password.match(/[A-Z]+/g) ?? []).length;
  // One bit for each run of capitals.
  let bits = runsOfCapitals + (parts.length - different.size) * repeated;
  different.forEach((part) => (bits += bitsOf(part)));
  if (bits < fairFrom) return 'weak';
  return bits < strongFrom ? 'fair' : 'strong';
}

/** The bits of a run of letters, digits or symbols. */
function bitsOf(part: string): number {
  const unit = /^(.+?)\1+$/.exec(part)?.[1];
  if (unit) return bitsOf(unit) + repeated;
  if (/^(19|20)\d\d$/.test(part)) return year;
  const one = /[a-z]/.test(part) ? letter : /[0-9]/.test(part) ? digit : symbol;
  const bits = [...part].reduce((sum, _, i) => sum + (continuesSequence(part, i) ? repeated : one), 0);
  return isPronounceable(part) ? Math.min(bits, word.base + word.eachLetter * part.length) : bits;
}

/** Whether a character continues the two before it: it repeats them, or is the next one of a sequence. */
function continuesSequence(text: string, i: number): boolean {
  const three = text.slice(i - 2, i + 1);
  return i >= 2 && (/^(.)\1\1$/u.test(three) || sequences.some((each) => each.includes(three)));
}

function isPronounceable(part: string): boolean {
  return /[aeiouy]/.test(part) && /^[a-z]{3,}$/.test(part) && !/[^aeiouy]{4}/.test(part);
}
