import { unlessBlocked } from './storage';

/** The languages of the app. */
export type Language = 'ja' | 'en';

const languages: readonly Language[] = ['ja', 'en'];
const chosenKey = 'language';
const letterKey = 'letter_language';

/** The present language. Screens that read `language.now` follow a change at once; what was typed stays. */
export const language = $state({ now: first() });

/** Switches to a language, now and for later visits. */
export function choose(chosen: Language): void {
  language.now = chosen;
  unlessBlocked(() => localStorage.setItem(chosenKey, chosen));
}

/**
 * The first language: the chosen one; else the one of the letter whose link opened this tab, which is stored for the tab
 * because later addresses do not hold it; else the browser's; else Japanese.
 */
function first(): Language {
  const ofLink = known(new URLSearchParams(location.search).get('lang'));
  if (ofLink) unlessBlocked(() => sessionStorage.setItem(letterKey, ofLink));
  return (
    known(unlessBlocked(() => localStorage.getItem(chosenKey))) ??
    known(unlessBlocked(() => sessionStorage.getItem(letterKey))) ??
    ofLink ??
    navigator.languages.map((tag) => known(tag.slice(0, 2).toLowerCase())).find(Boolean) ??
    'ja'
  );
}

function known(word: string | null | undefined): Language | undefined {
  return languages.find((each) => each === word);
}
