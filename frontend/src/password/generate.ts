import { judge, type Known, type Rules } from './rules';
import { strength } from './strength';

/**
 * What a made password is drawn from. Left out is what looks like something else on paper or on a screen:
 * 0 O o, 1 I l, 2 Z z, 5 S s, 8 B, 6 b, 9 g q, u v.
 */
const capitals = 'ACDEFGHJKLMNPQRTUWXY';
const smalls = 'acdefhijkmnprtuwxy';
const digits = '347';

/** Groups of four: as many characters as one keeps in mind from paper to keyboard. */
const groups = [capitals, smalls + digits, smalls + digits, smalls + digits];
const groupLength = 4;

/**
 * Makes a password that the rules take: four groups, the first in capitals and no other, so that a hand-written
 * c is never a doubtful C. Nearly 70 bits: beyond any guessing.
 */
export function generate(rules: Rules, known: Known): string {
  const between = rules.symbols.includes('-') ? '-' : '';
  for (;;) {
    const made = groups.map((group) => pick(group, groupLength)).join(between);
    if (judge(made, rules, known).length === 0 && strength(made) === 'strong') return made;
  }
}

function pick(alphabet: string, count: number): string {
  return Array.from({ length: count }, () => alphabet[below(alphabet.length)]).join('');
}

/** A random whole number below the limit. Bytes beyond the last multiple of it are thrown away: they would favour the first characters. */
export function below(limit: number): number {
  const fair = 256 - (256 % limit);
  const byte = new Uint8Array(1);
  do crypto.getRandomValues(byte);
  while ((byte[0] as number) >= fair);
  return (byte[0] as number) % limit;
}
