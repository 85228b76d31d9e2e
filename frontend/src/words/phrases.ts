/**
 * Where a Japanese heading may break: after a particle, an adjective or a mark, between kanji and katakana, and inside
 * サポートパスワード, which is longer than a phone's line. No look-behind: Safari 14 does not know it.
 */
const ends =
  /(?:[のをにはがでともへや」](?=[おご]?[一-龠々ァ-ヴ「A-Za-z])|[、。：）](?=.)|[一-龠々]{2}(?=[ァ-ヴ「])|い(?=[ァ-ヴ])|[ァ-ヴー](?=[一-龠「])|サポート(?=パ))/g;

/** Cuts a heading into phrases, inside which no line may break. Together they are the heading. */
export function phrases(heading: string): string[] {
  return heading.replace(ends, '$&\u200b').split('\u200b');
}
