import { spoken, type Same, type Words } from './words';

const ja = {
  title: '会員サポートパスワードのリカバリー',
  steps: '手続きの流れ',
  step: (now: number, all: number) => `${all}ステップのうち${now}番目`,
  stepIdentity: 'ご本人の確認',
  stepTemporary: '仮パスワードの入力',
  stepNew: '新しいパスワード',

  identityIntro:
    'ご本人の確認のため、ログインIDと基本メールアドレスを入力してください。登録と一致すると、仮パスワードをメールでお送りします。',
  mailGoesTo:
    'メールは、ご入会時に発行された基本メールアドレスにお送りします。そのメールを受け取れることをお確かめください。',
  cannotReceive: '基本メールアドレスでメールを受け取れないときは、ヘルプデスクへご連絡ください。',
  sameAnswer:
    '入力した内容が登録と一致しないときも、次の画面へ進みます。ご登録の有無は画面ではお伝えしません。',
  mailAddress: '基本メールアドレス',
  mailExample: (example: string) => `ご入会時に発行されたメールアドレスです（例：${example}）。`,
  send: '送信',
  back: '戻る',
  mailMissing: '基本メールアドレスを入力してください。',
  mailForm: (example: string) =>
    `基本メールアドレスは「@」を入れて、例のように入力してください（例：${example}）。`,
  unlike: (domain: string) =>
    `「@${domain}」は、基本メールアドレスの例とちがう形です。これで合っていますか？`,
  unlikeNext: '合っていれば、もう一度「送信」を押してください。ちがうときは、入力し直してください。',

  temporaryHeading: '仮パスワードの入力',
  mailTo: '下の基本メールアドレスあてに、仮パスワードのメールを受け付けました。',
  mailToTyped: '基本メールアドレスあてに、仮パスワードのメールを受け付けました。',
  typedAddress: 'メールのあて先（入力された基本メールアドレス）',
  correct: '入力し直す',
  onlyIfMatched:
    'メールが届くのは、ログインIDと基本メールアドレスが登録と一致したときだけです。届かないときは、入力した内容をお確かめください。',
  enterIt: 'メールに書かれた仮パスワードを入力してください。',
  temporary: '仮パスワード',
  temporaryHint: '半角の英数字9文字です。大文字と小文字のちがいや、前後の空白は気にしなくてかまいません。',
  goOn: 'ログイン',
  notArrived: 'メールが届かないとき',
  within: 'メールは、ふつう数分のうちに届きます。',
  sender: (address: string) => `送信元は ${address} です。`,
  junk: '迷惑メールのフォルダーに入っていないかもお確かめください。',
  sameAgain: (lifetime: string) =>
    `仮パスワードの有効期限は、送信から${lifetime}です。期限の日時はメールに書かれています。期限のうちにもう一度お送りするメールにも、同じ仮パスワードが書かれています。`,
  tooSoon: '続けて何度もお願いされても、メールをお送りしないことがあります。',
  closeIt: 'この画面は閉じてもかまいません。メールのボタンから、また開けます。',
  receipt: '受付番号',
  receiptHint: 'ヘルプデスクへのお問い合わせのときに、お伝えください。',
  askAgain: 'メールをもう一度送る',
  askedAgain:
    'メールの再送を受け付けました。数分お待ちください。直前にお送りしているときは、届かないことがあります。',
  temporaryMissing: '仮パスワードを入力してください。',
  wrong: (left: number) =>
    `仮パスワードがちがいます。メールの仮パスワードをお確かめください。あと${left}回入力できます。`,
  guessesLeft: (left: number) => `仮パスワードは、あと${left}回入力できます。`,

  endedHeading: 'この手続きは終わりました',
  ended: {
    guesses: '仮パスワードの入力が5回ちがったため、この手続きは終わりました。',
    expired: 'この仮パスワードは有効期限が過ぎています。',
    used: 'この仮パスワードはすでに使われています。仮パスワードが使えるのは1回だけです。',
    ended: 'この手続きはすでに使われたか、期限が過ぎています。',
    gone: 'この手続きは見つからないか、期限が過ぎています。',
  },
  unchanged: 'この手続きでは、パスワードは変わっていません。',
  endedNext: 'お手数ですが、はじめからもう一度お手続きください。',
  usedNext:
    'パスワードの再設定がまだのときは、はじめからもう一度お手続きください。身に覚えがないときは、ヘルプデスクへご連絡ください。',
  startAgain: 'もう一度手続きする',

  newHeading: '会員サポートパスワードの再設定',
  newIntro: '新しい会員サポートパスワードを決めて、2回入力してください。',
  timeLeft: (lifetime: string) => `仮パスワードを入力してから${lifetime}以内に変更してください。`,
  change: '変更する',
  grantMissing: '新しいパスワードを設定できる時間が過ぎたか、別のブラウザーで開かれています。',
  waitingHere: '先に、メールでお送りした仮パスワードを入力してください。',
  toTemporary: '仮パスワードの入力へ',

  doneTitle: 'お手続き完了',
  done: '新しい会員サポートパスワードを設定しました。',
  doneNext: 'これからは、新しいパスワードでログインしてください。前のパスワードと仮パスワードは使えません。',
  doneNotice: '確認のため、基本メールアドレスにもお知らせをお送りします。',

  hours: (count: number) => `${count}時間`,
  minutes: (count: number) => `${count}分`,
};

const en: Same<typeof ja> = {
  title: 'Recover your member support password',
  steps: 'Steps',
  step: (now, all) => `Step ${now} of ${all}`,
  stepIdentity: 'Confirm who you are',
  stepTemporary: 'Temporary password',
  stepNew: 'New password',

  identityIntro:
    'To confirm who you are, enter your login ID and your basic mail address. If they match your registration, we send you a temporary password by mail.',
  mailGoesTo:
    'The mail goes to the basic mail address that you were given when you joined. Check that you can receive mail there.',
  cannotReceive: 'If you cannot receive mail at your basic mail address, contact the help desk.',
  sameAnswer:
    'The next page comes even if what you enter does not match. This page does not tell whether someone is registered.',
  mailAddress: 'Basic mail address',
  mailExample: (example) => `The mail address that you were given when you joined (example: ${example}).`,
  send: 'Send',
  back: 'Back',
  mailMissing: 'Enter your basic mail address.',
  mailForm: (example) => `Enter your basic mail address with an “@”, as in the example (${example}).`,
  unlike: (domain) => `“@${domain}” looks different from the example of a basic mail address. Is this right?`,
  unlikeNext: 'If it is right, press “Send” again. If not, correct it.',

  temporaryHeading: 'Enter the temporary password',
  mailTo: 'Your request for a temporary password by mail to the address below is accepted.',
  mailToTyped: 'The request for a temporary password by mail to the basic mail address is accepted.',
  typedAddress: 'Where the mail goes (the basic mail address that you entered)',
  correct: 'Correct it',
  onlyIfMatched:
    'A mail comes only if the login ID and the basic mail address match the registration. If none comes, check what you entered.',
  enterIt: 'Enter the temporary password that is written in the mail.',
  temporary: 'Temporary password',
  temporaryHint: '9 letters and digits. Capital or small letters and spaces around it do not matter.',
  goOn: 'Sign in',
  notArrived: 'If the mail does not come',
  within: 'It usually comes within a few minutes.',
  sender: (address) => `It is sent from ${address}.`,
  junk: 'Look in your junk mail folder too.',
  sameAgain: (lifetime) =>
    `The temporary password is good for ${lifetime} after it is sent. The mail says until when. Another mail within that time carries the same temporary password.`,
  tooSoon: 'If you ask again soon, no further mail may be sent.',
  closeIt: 'You may close this page. The button in the mail opens it again.',
  receipt: 'Receipt number',
  receiptHint: 'Tell the help desk this number when you contact them.',
  askAgain: 'Send the mail again',
  askedAgain:
    'Your request to send the mail again is accepted. Wait a few minutes. If one was sent just now, no further mail may come.',
  temporaryMissing: 'Enter the temporary password.',
  wrong: (left) =>
    `The temporary password is not right. Check it in the mail. You can try ${left === 1 ? 'once' : `${left} times`} more.`,
  guessesLeft: (left) => `You can try ${left === 1 ? 'once' : `${left} times`} more.`,

  endedHeading: 'This procedure has ended',
  ended: {
    guesses: 'The temporary password was not right 5 times, so this procedure has ended.',
    expired: 'This temporary password has expired.',
    used: 'This temporary password has already been used. It works only once.',
    ended: 'This procedure has already been used, or its time is over.',
    gone: 'This procedure was not found, or its time is over.',
  },
  unchanged: 'It has not changed your password. ',
  endedNext: 'Start again from the beginning.',
  usedNext:
    'If you have not set a new password yet, start again from the beginning. If it was not you, contact the help desk.',
  startAgain: 'Start again',

  newHeading: 'Set a new member support password',
  newIntro: 'Choose a new member support password and enter it twice.',
  timeLeft: (lifetime) => `Set it within ${lifetime} after entering the temporary password.`,
  change: 'Change',
  grantMissing: 'The time for setting a new password is over, or it was begun in another browser.',
  waitingHere: 'First enter the temporary password that we sent you by mail.',
  toTemporary: 'Enter the temporary password',

  doneTitle: 'All done',
  done: 'Your new member support password is set.',
  doneNext:
    'From now on, sign in with the new password. The old password and the temporary one no longer work.',
  doneNotice: 'We also send a note about this to your basic mail address.',

  hours: (count) => `${count} ${count === 1 ? 'hour' : 'hours'}`,
  minutes: (count) => `${count} minutes`,
};

export const recoveryWords: Words<typeof ja> = { ja, en };

/** A span of seconds in words: hours from two on, else minutes. */
export function sayLifetime(seconds: number): string {
  const words = spoken(recoveryWords);
  return seconds >= 7200 && seconds % 3600 === 0
    ? words.hours(seconds / 3600)
    : words.minutes(Math.ceil(seconds / 60));
}
