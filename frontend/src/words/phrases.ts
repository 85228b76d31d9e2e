/**
 * Where a Japanese heading may break: after a particle, an adjective or a punctuation mark, between kanji and katakana, and inside
 * サポートパスワード, which is longer than a phone's line. No look-behind, which Safari 14 does not support.
 */
const phraseEnd =
  /(?:[のをにはがでともへや」](?=[おご]?[一-龠々ァ-ヴ「A-Za-z])|[、。：）](?=.)|[一-龠々]{2}(?=[ァ-ヴ「])|い(?=[ァ-ヴ])|[ァ-ヴー](?=[一-龠「])|サポート(?=パ))/g;

/** Splits a heading into phrases. Lines may break between phrases only. */
export function phrases(heading: string): string[] {
  return heading.replace(phraseEnd, '$&\u200b').split('\u200b');
}
