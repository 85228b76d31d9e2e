import { language, type Language } from '../language.svelte';

/** The type of the other language's dictionary: a missing key, or one that the first dictionary lacks, does not compile. */
export type Same<T> = {
  [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...given: infer G) => string
      ? (...given: G) => string
      : Same<T[K]>;
};

/** A dictionary in both languages. */
export type Words<T> = Record<Language, T>;

/** A count with its English noun: “1 minute”, “2 minutes”. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Gives the words in the present language. In a template or a `$derived` they change with the language. */
export function localized<T>(words: Words<T>): T {
  return words[language.now];
}
