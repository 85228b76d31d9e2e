import { judge, type Known, type Rules } from './rules';
import { strength } from './strength';

/**
 * The characters of a generated password, without those that look alike on paper or on a screen: 0 O o, 1 I l, 2 Z z, 5 S s,
 * 8 B, 6 b, 9 g q, and V v, which look like U u.
 */
const upperCase = 'ACDEFGHJKLMNPQRTUWXY';
const lowerCase = 'acdefhijkmnprtuwxy';
const digits = '347';

/** Each group has four characters, as many as people remember between paper and keyboard. */
const groups = [upperCase, lowerCase + digits, lowerCase + digits, lowerCase + digits];
const groupLength = 4;

/**
 * Generates a password of four groups that keeps the rules. Only the first group has capitals, so that nobody takes a
 * hand-written c for a C. It has nearly 70 random bits, too many to guess.
 */
export function generate(rules: Rules, known: Known): string {
  const separator = rules.symbols.includes('-') ? '-' : '';
  for (;;) {
    const made = groups.map((group) => pick(group, groupLength)).join(separator);
    if (judge(made, rules, known).length === 0 && strength(made) === 'strong') return made;
  }
}

function pick(alphabet: string, count: number): string {
  return Array.from({ length: count }, () => alphabet[below(alphabet.length)]).join('');
}

/**
 * Gives a random integer from 0 to `limit - 1`, with `limit` up to 256. Bytes from the last multiple of `limit` on are
 * discarded, because they would make small numbers more likely.
 */
export function below(limit: number): number {
  const end = 256 - (256 % limit);
  const byte = new Uint8Array(1);
  do crypto.getRandomValues(byte);
  while ((byte[0] as number) >= end);
  return (byte[0] as number) % limit;
}
