import { forgiving } from './storage';

/** The languages of the app. */
export type Language = 'ja' | 'en';

const languages: readonly Language[] = ['ja', 'en'];
const chosenKey = 'language';
const letterKey = 'letter_language';

/**
 * The language spoken now. Screens read `language.now`; what they show follows it at once, and what is
 * typed stays.
 */
export const language = $state({ now: first() });

/** Speaks the language that the member chose, now and at the next visit. */
export function choose(chosen: Language): void {
  language.now = chosen;
  forgiving(() => localStorage.setItem(chosenKey, chosen));
}

/**
 * The language to begin with: the one chosen; else that of the letter whose link opened this tab (kept for
 * the tab, since later addresses do not carry it); else the browser's; else Japanese.
 */
function first(): Language {
  const ofLink = known(new URLSearchParams(location.search).get('lang'));
  if (ofLink) forgiving(() => sessionStorage.setItem(letterKey, ofLink));
  return (
    known(forgiving(() => localStorage.getItem(chosenKey))) ??
    known(forgiving(() => sessionStorage.getItem(letterKey))) ??
    ofLink ??
    navigator.languages.map((tag) => known(tag.slice(0, 2).toLowerCase())).find(Boolean) ??
    'ja'
  );
}

function known(word: string | null | undefined): Language | undefined {
  return languages.find((each) => each === word);
}
