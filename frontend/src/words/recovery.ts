import { counted, spoken, type Same, type Words } from './words';

const ja = {
  title: '会員サポートパスワードのリカバリー',
  steps: '手続きの流れ',
  step: (now: number, all: number) => `${all}ステップのうち${now}番目`,
  stepIdentity: 'ご本人の確認',
  stepTemporary: '仮パスワードの入力',
  stepNew: '新しいパスワード',

  identityIntro:
    'ご本人の確認のため、ログインIDと基本メールアドレスを入力してください。ご登録と一致すると、仮パスワードをメールでお送りします。',
  mailGoesTo:
    'メールは、ご入会のときに発行された基本メールアドレスに届きます。先に、このアドレスのメールを読めることをお確かめください。',
  cannotReceive: '基本メールアドレスのメールを読めないときは、ヘルプデスクへご連絡ください。',
  sameAnswer: '安全のため、入力した内容がご登録と一致しなくても、同じように次の画面へ進みます。',
  mailAddress: '基本メールアドレス',
  mailExample: (example: string) => `ご入会のときに発行されたメールアドレスです（例：${example}）。`,
  send: '送信',
  back: '戻る',
  mailMissing: '基本メールアドレスを入力してください。',
  mailForm: (example: string) =>
    `基本メールアドレスは「@」を入れて、例のように入力してください（例：${example}）。`,
  unlike: (domain: string) =>
    `「@${domain}」は、基本メールアドレスの例とちがう形です。これで合っていますか？`,
  unlikeNext: '合っていれば、もう一度「送信」を押してください。ちがうときは、入力し直してください。',

  temporaryHeading: '仮パスワードの入力',
  mailTo: '下の基本メールアドレスへの、仮パスワードのメールの送信を受け付けました。',
  mailToTyped: '基本メールアドレスへの、仮パスワードのメールの送信を受け付けています。',
  typedAddress: 'メールのあて先（入力された基本メールアドレス）',
  correct: '入力し直す',
  onlyIfMatched: 'メールが届くのは、ログインIDと基本メールアドレスがご登録と一致したときだけです。',
  enterIt: 'メールに書かれた仮パスワードを入力してください。',
  temporary: '仮パスワード',
  temporaryHint:
    'メールに書かれた9文字の英数字です。コピーして貼り付けることもできます。大文字と小文字、全角と半角のちがいは、気にしなくてかまいません。',
  picked: (temporary: string) => `貼り付けた文章から、仮パスワード「${temporary}」を取り出しました。`,
  paste: '貼り付ける',
  unpasted: '貼り付けられませんでした。メールの仮パスワードをコピーし直すか、入力欄に直接入力してください。',
  goOn: 'ログイン',
  notArrived: 'メールが届かないとき',
  within: '数分お待ちください。',
  withinNext: 'メールは、ふつう数分のうちに届きます。',
  junk: '迷惑メールのフォルダーもご覧ください。',
  sender: 'メールの送信元：',
  check: '入力した内容をお確かめください。',
  checkNext: 'ログインIDか基本メールアドレスがご登録とちがうと、メールは届きません。',
  mayAskAgain: 'メールは、もう一度お送りできます。',
  noMail: 'それでも届かないときは、ヘルプデスクへご連絡ください。',
  noMailNext: '受付番号をお伝えいただくと、早くお調べできます。',
  about: 'この手続きについて',
  expiry: '仮パスワードの有効期限',
  thisPage: 'この画面',
  sameAgain: (lifetime: string) =>
    `メールをお送りしてから${lifetime}です。期限の日時は、メールに書かれています。期限のうちにもう一度お送りするメールには、同じ仮パスワードが書かれています。`,
  tooSoon: '続けて何度も押しても、メールをお送りしないことがあります。',
  closeIt: '閉じてもかまいません。メールのボタンから、また開けます。',
  receipt: '受付番号',
  receiptHint: 'お問い合わせのときに、ヘルプデスクへお伝えください。',
  askAgain: 'メールをもう一度送る',
  askedAgain: (at: string, from: string) =>
    `${at}に、メールの再送を受け付けました。届くまで数分お待ちください。${from}になっても届かないときは、もう一度押してください。`,
  askedBefore: (at: string, from: string) =>
    `メールの送信は、${at}に受け付けたばかりですので、今回は新しくお送りしません。届くまで数分かかることがあります。${from}になっても届かないときは、もう一度押してください。`,
  temporaryMissing: '仮パスワードを入力してください。',
  wrong: (left: number) =>
    `仮パスワードがちがいます。メールに書かれた9文字をお確かめください。あと${left}回入力できます。`,
  guessesLeft: (left: number) => `仮パスワードは、あと${left}回入力できます。`,

  endedHeading: 'この手続きは続けられません',
  ended: {
    guesses: '仮パスワードの入力が、5回ちがいました。',
    expired: 'この仮パスワードは有効期限が過ぎています。',
    used: 'この仮パスワードはすでに使われています。仮パスワードが使えるのは1回だけです。',
    ended: 'この手続きはすでに使われたか、期限が過ぎています。',
    gone: 'この手続きは見つからないか、期限が過ぎています。',
  },
  unchanged: 'この手続きでは、パスワードは変わっていません。',
  endedNext: 'お手数ですが、はじめからもう一度お手続きください。',
  usedNext:
    'パスワードの再設定がお済みのときは、新しいパスワードでログインできます。まだのときは、はじめからもう一度お手続きください。お心当たりがないときは、ヘルプデスクへご連絡ください。',
  startAgain: 'もう一度手続きする',

  newHeading: '会員サポートパスワードの再設定',
  newIntro: '新しい会員サポートパスワードを決めて、2回入力してください。',
  timeLeft: (lifetime: string) => `仮パスワードを入力してから${lifetime}以内に変更してください。`,
  timeUntil: (clock: string) => `${clock}までに変更してください。`,
  endsAt: (clock: string) => `この手続きで変更できるのは、${clock}までです。`,
  endsNow: 'この手続きで変更できる時間は、まもなく終わります。',
  endsNext:
    '間に合わなくても、心配はいりません。これまでのパスワードはそのままで、はじめからもう一度お手続きいただけます。',
  change: '変更する',
  grantMissing: '新しいパスワードを設定できる時間が過ぎたか、この手続きは別のブラウザで始められています。',
  waitingHere: '先に、メールでお送りした仮パスワードを入力してください。',
  toTemporary: '仮パスワードの入力へ',

  doneTitle: 'お手続き完了',
  done: '新しい会員サポートパスワードを設定しました。',
  doneNext: 'これからは、新しいパスワードでログインしてください。前のパスワードと仮パスワードは使えません。',
  signInNow: '続けてログインする',
  toLogin: 'ログインの画面へ',
  madePassword: '自動で作った、新しいパスワード',
  madeUntil: (clock: string) => `安全のため、${clock}に表示を終わります。`,
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
    'The mail goes to the basic mail address that you were given when you joined. First check that you can read mail there.',
  cannotReceive: 'If you cannot read mail sent to your basic mail address, contact the help desk.',
  sameAnswer: 'To keep everyone safe, the next page comes even if what you enter does not match.',
  mailAddress: 'Basic mail address',
  mailExample: (example) => `The mail address that you were given when you joined (example: ${example}).`,
  send: 'Send',
  back: 'Back',
  mailMissing: 'Enter your basic mail address.',
  mailForm: (example) => `Enter your basic mail address with an “@”, as in the example (${example}).`,
  unlike: (domain) => `“@${domain}” looks different from the example of a basic mail address. Is this right?`,
  unlikeNext: 'If it is right, press “Send” again. If not, correct it.',

  temporaryHeading: 'Enter the temporary password',
  mailTo: 'We have received your request to send a temporary password to the address below.',
  mailToTyped: 'We have received the request to send a temporary password to the basic mail address.',
  typedAddress: 'Where the mail goes (the basic mail address that you entered)',
  correct: 'Correct it',
  onlyIfMatched: 'A mail comes only if the login ID and the basic mail address match the registration.',
  enterIt: 'Enter the temporary password that is written in the mail.',
  temporary: 'Temporary password',
  temporaryHint:
    'The 9 letters and digits in the mail. You can copy and paste them. Capital or small letters do not matter.',
  picked: (temporary) => `The temporary password “${temporary}” was taken from the text that you pasted.`,
  paste: 'Paste',
  unpasted: 'Nothing could be pasted. Copy the temporary password again, or type it into the field.',
  goOn: 'Sign in',
  notArrived: 'If the mail does not come',
  within: 'Wait a few minutes. ',
  withinNext: 'It usually comes within that time.',
  junk: 'Look in your junk mail folder too. ',
  sender: 'The mail is sent from: ',
  check: 'Check what you entered. ',
  checkNext: 'No mail comes if the login ID or the basic mail address is not the registered one.',
  mayAskAgain: 'We can send it again. ',
  noMail: 'If it still does not come, contact the help desk. ',
  noMailNext: 'Tell them the receipt number, so that they can find it quickly.',
  about: 'Good to know',
  expiry: 'How long the temporary password works',
  thisPage: 'This page',
  sameAgain: (lifetime) =>
    `For ${lifetime} after the mail is sent. The mail says until when. Another mail within that time carries the same temporary password.`,
  tooSoon: 'If you ask many times in a row, no further mail may be sent.',
  closeIt: 'You may close it. The button in the mail opens it again.',
  receipt: 'Receipt number',
  receiptHint: 'Tell the help desk this number when you contact them.',
  askAgain: 'Send the mail again',
  askedAgain: (at, from) =>
    `At ${at} we took your request to send the mail again. Wait a few minutes. If it has not come by ${from}, press the button again.`,
  askedBefore: (at, from) =>
    `We took your request at ${at}, just now, so no further mail is sent this time. It can take a few minutes. If it has not come by ${from}, press the button again.`,
  temporaryMissing: 'Enter the temporary password.',
  wrong: (left) =>
    `That is not the temporary password. Check the 9 characters in the mail. You can try ${left === 1 ? 'once' : `${left} times`} more.`,
  guessesLeft: (left) => `You can try ${left === 1 ? 'once' : `${left} times`} more.`,

  endedHeading: 'This procedure cannot go on',
  ended: {
    guesses: 'The temporary password was entered wrongly 5 times.',
    expired: 'This temporary password has expired.',
    used: 'This temporary password has already been used. It works only once.',
    ended: 'This procedure has already been used, or its time is over.',
    gone: 'This procedure was not found, or its time is over.',
  },
  unchanged: 'It has not changed your password. ',
  endedNext: 'Start again from the beginning.',
  usedNext:
    'If you have set a new password, you can sign in with it. If not yet, start again from the beginning. If it was not you, contact the help desk.',
  startAgain: 'Start again',

  newHeading: 'Set a new member support password',
  newIntro: 'Choose a new member support password and enter it twice.',
  timeLeft: (lifetime) => `Set it within ${lifetime} after entering the temporary password.`,
  timeUntil: (clock) => `Set it by ${clock}.`,
  endsAt: (clock) => `You can set the new password here until ${clock}.`,
  endsNow: 'The time for setting the new password here is nearly over.',
  endsNext:
    'If you run out of time, do not worry: your old password stays as it is, and you can start again.',
  change: 'Change',
  grantMissing: 'The time for setting a new password is over, or it was begun in another browser.',
  waitingHere: 'First enter the temporary password that we sent you by mail.',
  toTemporary: 'Enter the temporary password',

  doneTitle: 'All done',
  done: 'Your new member support password is set.',
  doneNext:
    'From now on, sign in with the new password. The old password and the temporary one no longer work.',
  signInNow: 'Sign in now',
  toLogin: 'Go to sign in',
  madePassword: 'The new password that was made for you',
  madeUntil: (clock) => `For your safety, it is shown only until ${clock}.`,
  doneNotice: 'We also send a note about this to your basic mail address.',

  hours: (count) => counted(count, 'hour'),
  minutes: (count) => counted(count, 'minute'),
};

export const recoveryWords: Words<typeof ja> = { ja, en };

/** A span of seconds in words: hours from two on, else minutes. */
export function sayLifetime(seconds: number): string {
  const words = spoken(recoveryWords);
  return seconds >= 7200 && seconds % 3600 === 0
    ? words.hours(seconds / 3600)
    : words.minutes(Math.ceil(seconds / 60));
}
