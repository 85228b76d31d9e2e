import type { Rules, Violation } from '../password/rules';
import { counted, spoken, type Same, type Words } from './words';

const ja = {
  next: '新しい会員サポートパスワード',
  nextShort: '新しいパスワード',
  again: '新しい会員サポートパスワード（確認）',
  rules: 'パスワードの条件',
  length: (min: number, max: number) => `${min}文字以上${max}文字以下`,
  characters: (symbols: string) => `使える文字は半角の英字と数字、記号（${symbols}）だけ`,
  upper: '英大文字（A〜Z）を1文字以上',
  lower: '英小文字（a〜z）を1文字以上',
  digitOrSymbol: '数字または記号を1文字以上',
  names: 'ログインIDやメールアドレスの「@」より前を含まない',
  loginIdInside: 'ログインIDを含まない',
  advice:
    'よく使われる言葉や、「1234」「abcd」のような並びは使えません。ほかで使っていないパスワードにしてください。',
  met: '満たしています',
  unmet: 'まだ満たしていません',
  allMet: 'パスワードの条件をすべて満たしています。',
  remaining: (rules: string) => `まだ満たしていない条件：${rules}`,
  and: '、',
  make: 'パスワードを自動で作る',
  makeAnother: '別のパスワードを作る',
  makeIntro: '考えるのがむずかしいときは、当てられにくいパスワードを自動で作れます。',
  madeSaid: 'パスワードを作って、入力欄の2か所に入れました。',
  made: 'このパスワードを作り、下の2つの欄に入れました。',
  copy: 'コピーする',
  copied: 'コピーしました。',
  selected: 'パスワードを選択しました。このままコピーの操作をしてください。',
  keep: '忘れないように、紙に書きとめて大切に保管するか、ブラウザに保存してください。アルファベットの大文字と小文字は区別します。',
  notYet: '「変更する」を押すと、このパスワードに変わります。',
  strength: 'パスワードの強さの目安：',
  strengths: { weak: '弱い', fair: 'ふつう', strong: '強い' },
  strengthLater: '未入力',
  weakAdvice: '関係のない言葉を3つ以上並べると、強くなります。',
  strongAdvice: '忘れないように、書きとめておいてください。',
  missing: '新しいパスワードを入力してください。',
  againMissing: '確認のため、新しいパスワードをもう一度入力してください。',
  differ: '2つのパスワードが同じではありません。同じものを入力してください。',
  tooShort: (min: number) => `${min}文字以上にしてください。`,
  tooLong: (max: number) => `${max}文字以下にしてください。`,
  notAllowed: (list: string) => `使えない文字があります：${list}。`,
  at: (position: number, character: string) => `${position}文字目の${character}`,
  quoted: (character: string) => `「${character}」`,
  fullWidth: (character: string) => `全角の「${character}」（半角で入力してください）`,
  space: '空白',
  invisible: '見えにくい文字',
  upperMissing: '英大文字（A〜Z）を1文字以上入れてください。',
  lowerMissing: '英小文字（a〜z）を1文字以上入れてください。',
  digitOrSymbolMissing: (symbols: string) => `数字または記号（${symbols}）を1文字以上入れてください。`,
  containsLoginId: 'ログインIDを含まないパスワードにしてください。',
  containsMailAddress: 'メールアドレスの「@」より前を含まないパスワードにしてください。',
  sameAsCurrent: 'これまでのパスワードと同じです。変えるときは、ちがうパスワードにしてください。',
  remembered:
    'このパスワードを思い出されたのでしたら、変えなくてもログインできることがあります。まず、ログインをお試しください。ログインできないときは、この画面に戻って、ちがうパスワードを決めてください。',
  trySigningIn: 'ログインを試す',
  sameAsTemporary: '仮パスワードと同じです。ちがうパスワードにしてください。',
  tooCommon:
    'よく使われていて、当てられやすいパスワードです。数字を足したり、文字を記号に替えたりするのではなく、関係のない言葉を3つ以上つなげてください。「パスワードを自動で作る」もお使いいただけます。',
};

const en: Same<typeof ja> = {
  next: 'New password',
  nextShort: 'New password',
  again: 'New password (again)',
  rules: 'What the password needs',
  length: (min, max) => `${min} to ${max} characters`,
  characters: (symbols) => `Only half-width letters, digits and these symbols: ${symbols}`,
  upper: 'At least one capital letter (A–Z)',
  lower: 'At least one small letter (a–z)',
  digitOrSymbol: 'At least one digit or symbol',
  names: 'Without your login ID or the part of your mail address before “@”',
  loginIdInside: 'Without your login ID',
  advice:
    'Common words, and rows such as “1234” or “abcd”, are refused. Choose a password that you use nowhere else.',
  met: 'done',
  unmet: 'not yet',
  allMet: 'The password has all that it needs. ',
  remaining: (rules) => `Still needed: ${rules}`,
  and: '; ',
  make: 'Make a password for me',
  makeAnother: 'Make another one',
  makeIntro: 'If it is hard to think of one, this page can make one that is hard to guess.',
  madeSaid: 'A password is made and entered in both fields.',
  made: 'This password is made for you and entered in both fields below.',
  copy: 'Copy',
  copied: 'Copied.',
  selected: 'The password is selected. Copy it now.',
  keep: 'Write it down and keep it in a safe place, or let your browser save it. Capital and small letters are different.',
  notYet: 'It becomes your password when you press “Change”.',
  strength: 'Strength, roughly: ',
  strengths: { weak: 'weak', fair: 'fair', strong: 'strong' },
  strengthLater: 'not typed yet',
  weakAdvice: 'Three or more unrelated words in a row make it stronger.',
  strongAdvice: 'Write it down so that you do not forget it.',
  missing: 'Enter a new password.',
  againMissing: 'Enter the new password again.',
  differ: 'The two passwords are not the same. Enter the same one twice.',
  tooShort: (min) => `Use ${counted(min, 'character')} or more.`,
  tooLong: (max) => `Use ${counted(max, 'character')} or fewer.`,
  notAllowed: (list) => `Some characters cannot be used: ${list}.`,
  at: (position, character) => `${character} in place ${position}`,
  quoted: (character) => `“${character}”`,
  fullWidth: (character) => `full-width “${character}” (enter it half-width)`,
  space: 'a space',
  invisible: 'a hidden character',
  upperMissing: 'Add at least one capital letter (A–Z).',
  lowerMissing: 'Add at least one small letter (a–z).',
  digitOrSymbolMissing: (symbols) => `Add at least one digit or one of these symbols: ${symbols}`,
  containsLoginId: 'Choose a password that does not contain your login ID.',
  containsMailAddress: 'Choose a password that does not contain the part of your mail address before “@”.',
  sameAsCurrent: 'This is the same as your current password. To change it, choose a different one.',
  remembered:
    'If you have remembered this password, you may be able to sign in with it as it is. Try that first. If it does not work, come back to this page and choose a different one.',
  trySigningIn: 'Try to sign in',
  sameAsTemporary: 'This is the same as the temporary password. Choose a different one.',
  tooCommon:
    'This password is common and easy to guess. Do not add digits or swap letters for symbols: join three or more unrelated words instead, or press “Make a password for me”.',
};

export const passwordWords: Words<typeof ja> = { ja, en };

/** One sentence for every broken rule; all forbidden characters share one. */
export function sayViolations(violations: Violation[], rules: Rules): string[] {
  const words = spoken(passwordWords);
  const characters = violations.filter((each) => each.code === 'character_not_allowed');
  const sentences: Record<Violation['code'], string> = {
    too_short: words.tooShort(rules.min_length),
    too_long: words.tooLong(rules.max_length),
    character_not_allowed: words.notAllowed(characters.map(sayCharacter).join(words.and)),
    upper_case_missing: words.upperMissing,
    lower_case_missing: words.lowerMissing,
    digit_or_symbol_missing: words.digitOrSymbolMissing(spacedSymbols(rules)),
    contains_login_id: words.containsLoginId,
    contains_mail_address: words.containsMailAddress,
    same_as_current: words.sameAsCurrent,
    same_as_temporary: words.sameAsTemporary,
    too_common: words.tooCommon,
  };
  return [...new Set(violations.map((each) => each.code))].map((code) => sentences[code]);
}

function sayCharacter({ character = '', position = 0 }: Violation): string {
  const words = spoken(passwordWords);
  return words.at(position, nameOf(character));
}

/** Names a character so that the member can find it: many a forbidden one does not show, or looks like an allowed one. */
function nameOf(character: string): string {
  const words = spoken(passwordWords);
  if (/^\s$/.test(character)) return words.space;
  if (/^[\p{Cc}\p{Cf}\p{Cs}\p{Mn}]$/u.test(character)) return words.invisible;
  if (/^[！-～]$/.test(character)) return words.fullWidth(character);
  return words.quoted(character);
}

/** The symbols with spaces between them, so that none hides in another. */
export function spacedSymbols(rules: Rules): string {
  return Array.from(rules.symbols).join(' ');
}
