/** How hard a password is to guess, as far as its form tells. */
export type Strength = 'weak' | 'fair' | 'strong';

/** Bits below which a password is weak, and from which it is strong: two unlike words, and four. */
const fairFrom = 30;
const strongFrom = 48;

/** What one character is worth in bits when nothing speaks against it. */
const letter = Math.log2(26);
const digit = Math.log2(10);
const symbol = 2;
/** What can be spoken is a word, and a word is one of some thousands, however long. */
const word = { itself: 6, eachLetter: 1.2 };
const year = 6;
/** What goes on as before tells nearly nothing new. */
const more = 0.5;

/** Ways that fingers and children go: the alphabet, the digits, the rows of a keyboard. */
const ways = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop@', 'asdfghjkl', 'zxcvbnm'];
const tracks = ways.concat(ways.map((way) => [...way].reverse().join('')));

/**
 * Estimates the strength by form alone: length, kinds, words, years, rows, repetitions. It holds no list of
 * words; what the server calls common is weak, whatever is said here.
 */
export function strength(password: string): Strength {
  const parts = password.toLowerCase().match(/[a-z]+|[0-9]+|[^a-z0-9]+/g) ?? [];
  const once = new Set(parts);
  const capitals = (password.match(/[A-Z]+/g) ?? []).length;
  let bits = capitals + (parts.length - once.size) * more;
  once.forEach((part) => (bits += worth(part)));
  if (bits < fairFrom) return 'weak';
  return bits < strongFrom ? 'fair' : 'strong';
}

/** The bits of letters, digits or symbols that stand together. */
function worth(part: string): number {
  const unit = /^(.+?)\1+$/.exec(part)?.[1];
  if (unit) return worth(unit) + more;
  if (/^(19|20)\d\d$/.test(part)) return year;
  const one = /[a-z]/.test(part) ? letter : /[0-9]/.test(part) ? digit : symbol;
  const each = [...part].reduce((sum, _, i) => sum + (goesOn(part, i) ? more : one), 0);
  return isSpoken(part) ? Math.min(each, word.itself + word.eachLetter * part.length) : each;
}

/** Whether a character goes on as the two before it: the same again, or the next on a track. */
function goesOn(text: string, i: number): boolean {
  const three = text.slice(i - 2, i + 1);
  return i >= 2 && (/^(.)\1\1$/u.test(three) || tracks.some((track) => track.includes(three)));
}

function isSpoken(part: string): boolean {
  return /[aeiouy]/.test(part) && /^[a-z]{3,}$/.test(part) && !/[^aeiouy]{4}/.test(part);
}
