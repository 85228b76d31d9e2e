import { language, type Language } from '../language.svelte';

/** The same keys in the other language: a missing or a surplus one does not compile. */
export type Same<T> = {
  [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...given: infer G) => string
      ? (...given: G) => string
      : Same<T[K]>;
};

/** One dictionary in both languages. */
export type Words<T> = Record<Language, T>;

/** A count with its English noun: “1 minute”, “2 minutes”. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Gives the words in the language spoken now. Read inside a template or `$derived`, they follow the language switch. */
export function spoken<T>(words: Words<T>): T {
  return words[language.now];
}
