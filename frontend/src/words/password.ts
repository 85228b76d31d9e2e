import type { Rules, Violation } from '../password/rules';
import { counted, localized, type Same, type Words } from './words';

const ja = {
  newPassword: '新しい会員サポートパスワード',
  again: '新しい会員サポートパスワード（確認）',
  rules: 'パスワードの条件',
  length: (min: number, max: number) => `${min}文字以上${max}文字以下`,
  characters: (symbols: string) => `半角の英字、数字、記号（${symbols}）だけ`,
  upper: '英大文字（A〜Z）を1文字以上',
  lower: '英小文字（a〜z）を1文字以上',
  digitOrSymbol: '数字または記号を1文字以上',
  names: 'ログインIDと、メールアドレスの「@」より前の部分を含まない',
  loginIdInside: 'ログインIDを含まない',
  advice:
    '「Password1」「Abcd12345」のような、よくあるものは使えません。ほかで使っていないものにしてください。',
  met: '満たしています',
  unmet: 'まだ満たしていません',
  allMet: 'パスワードの条件をすべて満たしています。',
  remaining: (rules: string) => `まだ満たしていない条件：${rules}`,
  and: '、',
  make: 'パスワードを自動で作る',
  makeAnother: '別のパスワードを作る',
  madeSaid: 'パスワードを作って、2つの入力欄に入れました。',
  made: 'このパスワードを作り、2つの入力欄に入れました。',
  copy: 'コピーする',
  copied: 'コピーしました。',
  selected: 'パスワードを選択しました。このままコピーの操作をしてください。',
  keep: '忘れないように、紙に書いて大切に保管するか、ブラウザに保存してください。大文字と小文字は区別されます。',
  notYet: '「変更する」を押すと、このパスワードに変わります。',
  strength: 'パスワードの強さの目安：',
  strengths: { weak: '弱い', fair: 'ふつう', strong: '強い' },
  weakAdvice: '関係のない言葉を並べると、強くなります。',
  strongAdvice: '忘れないように、書きとめておいてください。',
  missing: '新しいパスワードを入力してください。',
  againMissing: '確認のため、新しいパスワードをもう一度入力してください。',
  differ: '2つのパスワードが同じではありません。同じものを入力してください。',
  tooShort: (min: number) => `${min}文字以上にしてください。`,
  tooLong: (max: number) => `${max}文字以下にしてください。`,
  notAllowed: (list: string) => `使えない文字があります：${list}。`,
  more: (count: number) => `ほか${count}文字`,
  inputMethod: '日本語入力を切って、半角で入力してください。',
  at: (position: number, character: string) => `${position}文字目の${character}`,
  quoted: (character: string) => `「${character}」`,
  fullWidth: (character: string) => `全角の「${character}」`,
  space: '空白',
  invisible: '目に見えない文字',
  upperMissing: '英大文字（A〜Z）を1文字以上入れてください。',
  lowerMissing: '英小文字（a〜z）を1文字以上入れてください。',
  digitOrSymbolMissing: (symbols: string) => `数字または記号（${symbols}）を1文字以上入れてください。`,
  containsLoginId: 'ログインIDを含まないパスワードにしてください。',
  containsMailAddress: 'メールアドレスの「@」より前の部分を含まないパスワードにしてください。',
  sameAsCurrent: '現在のパスワードと同じです。別のパスワードにしてください。',
  remembered:
    'このパスワードを思い出された場合は、そのままログインできることがあります。まず、ログインをお試しください。ログインできないときは、この画面に戻って、別のパスワードを入力してください。',
  trySigningIn: 'ログインを試す',
  sameAsTemporary: '仮パスワードと同じです。別のパスワードにしてください。',
  tooCommon:
    'よく使われていて、当てられやすいパスワードです。数字を足したり、文字を記号に替えたりせず、関係のない言葉を3つ以上つなげてください。「パスワードを自動で作る」もお使いいただけます。',
};

const en: Same<typeof ja> = {
  newPassword: 'New password',
  again: 'New password (again)',
  rules: 'What the password needs',
  length: (min, max) => `${min} to ${max} characters`,
  characters: (symbols) => `Only ordinary (not full-width) letters, digits and these symbols: ${symbols}`,
  upper: 'At least one capital letter (A–Z)',
  lower: 'At least one small letter (a–z)',
  digitOrSymbol: 'At least one digit or symbol',
  names: 'Without your login ID or the part of your email address before “@”',
  loginIdInside: 'Without your login ID',
  advice:
    'You can’t use common passwords such as “Password1” or “Abcd12345”. Choose one that you don’t use anywhere else.',
  met: 'done',
  unmet: 'not yet',
  allMet: 'The password has everything it needs. ',
  remaining: (rules) => `Still needed: ${rules}`,
  and: '; ',
  make: 'Make a password for me',
  makeAnother: 'Make another one',
  madeSaid: 'We made a password and entered it in both fields.',
  made: 'We made this password and entered it in both fields.',
  copy: 'Copy',
  copied: 'Copied.',
  selected: 'The password is selected. Copy it now.',
  keep: 'Write it down and keep it in a safe place, or let your browser save it. Capital and small letters matter.',
  notYet: 'It becomes your password when you press “Change”.',
  strength: 'Estimated strength: ',
  strengths: { weak: 'weak', fair: 'fair', strong: 'strong' },
  weakAdvice: 'Add more unrelated words to make it stronger.',
  strongAdvice: 'Write it down so you don’t forget it.',
  missing: 'Enter a new password.',
  againMissing: 'Enter the new password again.',
  differ: 'The two passwords are different. Enter the same one twice.',
  tooShort: (min) => `Use ${counted(min, 'character')} or more.`,
  tooLong: (max) => `Use ${counted(max, 'character')} or fewer.`,
  notAllowed: (list) => `These characters can’t be used: ${list}.`,
  more: (count) => `and ${count} more`,
  inputMethod: ' Turn off Japanese input and use ordinary (not full-width) letters.',
  at: (position, character) => `character ${position}, ${character}`,
  quoted: (character) => `“${character}”`,
  fullWidth: (character) => `full-width “${character}”`,
  space: 'a space',
  invisible: 'an invisible character',
  upperMissing: 'Add at least one capital letter (A–Z).',
  lowerMissing: 'Add at least one small letter (a–z).',
  digitOrSymbolMissing: (symbols) => `Add at least one digit or one of these symbols: ${symbols}`,
  containsLoginId: 'Use a password without your login ID in it.',
  containsMailAddress: 'Use a password without the part of your email address before “@” in it.',
  sameAsCurrent: 'This is the same as your current password. Use a different one.',
  remembered:
    'If you have remembered this password, you may be able to sign in with it. Try that first. If it doesn’t work, come back to this page and enter a different one.',
  trySigningIn: 'Try to sign in',
  sameAsTemporary: 'This is the same as the temporary password. Use a different one.',
  tooCommon:
    'Many people use this password, so it is easy to guess. Adding digits or symbols doesn’t help. Join three or more unrelated words instead, or press “Make a password for me”.',
};

export const passwordWords: Words<typeof ja> = { ja, en };

/** How many forbidden characters are named. The others are counted. */
const maxNamed = 3;

/** Gives a sentence for each broken rule. All forbidden characters share one. */
export function sayViolations(violations: Violation[], rules: Rules): string[] {
  const words = localized(passwordWords);
  const characters = violations.filter((each) => each.code === 'character_not_allowed');
  const list = characters.slice(0, maxNamed).map(sayCharacter);
  if (characters.length > maxNamed) list.push(words.more(characters.length - maxNamed));
  const japanese = characters.some((each) => isJapanese(each.character));
  const sentences: Record<Violation['code'], string> = {
    too_short: words.tooShort(rules.min_length),
    too_long: words.tooLong(rules.max_length),
    character_not_allowed: words.notAllowed(list.join(words.and)) + (japanese ? words.inputMethod : ''),
    upper_case_missing: words.upperMissing,
    lower_case_missing: words.lowerMissing,
    digit_or_symbol_missing: words.digitOrSymbolMissing(spacedSymbols(rules)),
    contains_login_id: words.containsLoginId,
    contains_mail_address: words.containsMailAddress,
    same_as_current: words.sameAsCurrent,
    same_as_temporary: words.sameAsTemporary,
    too_common: words.tooCommon,
  };
  const codes = [...new Set(violations.map((each) => each.code))];
  const missing = codes.filter((code) => code.endsWith('_missing'));
  // With Japanese characters only, every kind is missing. The member has to switch off the input method first.
  const omitted = japanese && missing.length === 3 ? missing : [];
  return codes.filter((code) => !omitted.includes(code)).map((code) => sentences[code]);
}

/** Whether the character comes from a Japanese input method: kana, kanji, full-width letters, digits and symbols. */
function isJapanese(character = ''): boolean {
  return /^[\u3000-\u30ff\u3400-\u9fff\uff01-\uff9f]$/.test(character);
}

function sayCharacter({ character = '', position = 0 }: Violation): string {
  return localized(passwordWords).at(position, nameOf(character));
}

/** Names a character so that the member can find it: some forbidden ones are invisible or look like allowed ones. */
function nameOf(character: string): string {
  const words = localized(passwordWords);
  if (/^\s$/.test(character)) return words.space;
  if (/^[\p{Cc}\p{Cf}\p{Cs}\p{Mn}]$/u.test(character)) return words.invisible;
  if (/^[！-～]$/.test(character)) return words.fullWidth(character);
  return words.quoted(character);
}

/** The symbols, separated by spaces so that each of them can be seen. */
export function spacedSymbols(rules: Rules): string {
  return Array.from(rules.symbols).join(' ');
}
