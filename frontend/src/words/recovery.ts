import { counted, localized, type Same, type Words } from './words';

const ja = {
  title: '会員サポートパスワードのリカバリー',
  steps: '手続きの流れ',
  stepIdentity: '本人確認',
  stepTemporary: '仮パスワード',
  stepNew: '新しいパスワード',

  identityIntro: 'ご本人確認のため、次の2つを入力してください。仮パスワードをメールでお送りします。',
  mailGoesTo: '仮パスワードは、ご入会のときに発行されたこのアドレスへ届きます。',
  cannotReceive: 'このアドレスでメールを受け取れないときは、ヘルプデスクへご連絡ください。',
  mailAddress: '基本メールアドレス',
  mailExample: (example: string) => `例：${example}`,
  send: '送信',
  back: '戻る',
  mailMissing: '基本メールアドレスを入力してください。',
  mailForm: (example: string) =>
    `基本メールアドレスは、「@」を入れて、例のように入力してください（例：${example}）。`,
  unlike: (domain: string) =>
    `「@${domain}」は、基本メールアドレスの例とちがう形です。これで合っていますか？`,
  unlikeNext: '合っていれば、もう一度「送信」を押してください。ちがうときは、入力し直してください。',

  temporaryHeading: '仮パスワードの入力',
  lookIntoMailbox: 'メールをご確認ください',
  arrives: 'ご登録の内容と一致した場合、仮パスワードのメールが数分で届きます。',
  enterIt:
    '基本メールアドレスに送信された「仮パスワード」を入力し、「ログイン」ボタンをクリックしてください。',
  sentTo: 'メールの送り先',
  correct: '入力し直す',
  temporary: '仮パスワード',
  temporaryHint: 'メールに書かれた9文字です。大文字と小文字は、どちらで入力しても使えます。',
  picked: (temporary: string) => `貼り付けた文章から、仮パスワード「${temporary}」を取り出しました。`,
  paste: '貼り付ける',
  unpasted: '貼り付けられませんでした。メールの仮パスワードをコピーし直すか、入力欄に直接入力してください。',
  goOn: 'ログイン',
  notArrived: 'メールが届かないとき',
  junk: '迷惑メールのフォルダーもご覧ください。',
  sender: 'メールの送信元：',
  check: '入力した内容をお確かめください。',
  checkNext: 'ログインIDと基本メールアドレスがご登録の内容と一致しないと、メールは届きません。',
  mayAskAgain: 'メールは、もう一度お送りできます。',
  tooSoon: '続けて押された場合は、お送りしないことがあります。',
  noMail: 'それでも届かないときは、ヘルプデスクへご連絡ください。',
  noMailNext: '受付番号をお伝えいただくと、早くお調べできます。',
  about: 'この手続きについて',
  expiry: '仮パスワードの有効期限',
  thisPage: 'この画面',
  sameAgain: (lifetime: string) =>
    `メールをお送りしてから${lifetime}です。期限の日時は、メールに書かれています。期限のうちにもう一度お送りするメールには、同じ仮パスワードが書かれています。`,
  closeIt: '閉じてもかまいません。メールのボタンから、また開けます。',
  receipt: '受付番号',
  receiptInMail: 'メールにも受付番号が書かれています。',
  receiptFormer:
    '2回お申し込みの場合、メールの受付番号は前のものかもしれません。ヘルプデスクへは、どちらの番号でもお伝えいただけます。',
  receiptHint: 'お問い合わせのときに、ヘルプデスクへお伝えください。',
  askAgain: 'メールをもう一度送る',
  askedAgain: (time: string) =>
    `再送を受け付けました。${time}になっても届かないときは、もう一度押してください。`,
  askedBefore: (time: string) =>
    `先ほど受け付けたばかりのため、今回はお送りしません。${time}になっても届かないときは、もう一度押してください。`,
  temporaryMissing: '仮パスワードを入力してください。',
  wrong: (left: number) =>
    `仮パスワードが一致しません。メールに書かれた9文字をお確かめください。あと${left}回入力できます。`,
  guessesLeft: (left: number) => `仮パスワードは、あと${left}回入力できます。`,

  endedHeading: 'この手続きは続けられません',
  elsewhere: '別の画面（タブ）で入力された場合は、その画面でお続けください。',
  ended: {
    guesses: '仮パスワードが5回一致しなかったため、この手続きを終了しました。',
    expired: 'この仮パスワードは、有効期限が過ぎています。',
    used: 'この仮パスワードは、すでに使われています。使えるのは1回だけです。',
    ended: 'この手続きはすでに完了しているか、期限が過ぎています。',
    gone: 'この手続きは見つからないか、期限が過ぎています。',
  },
  viaLetter:
    'メールが届いているときは、メールのボタンから開いた画面で、また入力できます。届いていないときは、はじめからもう一度お手続きください。',
  unchanged: 'この手続きでは、パスワードは変わっていません。',
  endedNext: 'はじめからもう一度お手続きください。',
  reissue: '仮パスワードの再発行は、はじめからもう一度お手続きください。',
  usedNext:
    'パスワードの再設定がお済みのときは、新しいパスワードでログインできます。お済みでないときは、はじめからもう一度お手続きください。お心当たりがないときは、ヘルプデスクへご連絡ください。',
  startAgain: 'もう一度手続きする',

  newHeading: '会員サポートパスワードの再設定',
  timeLeft: (lifetime: string) =>
    `安全のため、この画面を使えるのは、仮パスワードを入力してから${lifetime}です。`,
  timeUntil: (time: string) => `安全のため、この画面は${time}まで使えます。`,
  endsAt: (time: string) => `この画面を使えるのは、${time}までです。`,
  endsNow: 'この画面を使える時間は、まもなく終わります。',
  endsNext:
    '間に合わなくても、心配はいりません。現在のパスワードはそのままで、はじめからもう一度お手続きいただけます。',
  change: '変更する',
  grantMissing: '再設定できる時間が過ぎたか、別のブラウザで始めた手続きです。',
  waitingHere: '先に、メールでお送りした仮パスワードを入力してください。',
  toTemporary: '仮パスワードの入力へ',

  doneTitle: 'お手続き完了',
  done: '会員サポートパスワードを再設定しました。以上でお手続き完了です。',
  doneNext: 'これからは、新しいパスワードだけが使えます。',
  signInNow: '続けてログインする',
  toLogin: 'ログインの画面へ',
  madePassword: '自動で作った、新しいパスワード',
  madeUntil: (time: string) => `安全のため、${time}に表示を終わります。`,
  doneNotice: '確認のお知らせをメールでお送りします。',

  hours: (count: number) => `${count}時間`,
  minutes: (count: number) => `${count}分`,
};

const en: Same<typeof ja> = {
  title: 'Recover your member support password',
  steps: 'Steps',
  stepIdentity: 'Confirm who you are',
  stepTemporary: 'Temporary password',
  stepNew: 'New password',

  identityIntro:
    'To confirm who you are, enter these two things. We’ll send you a temporary password by email.',
  mailGoesTo: 'We’ll send the temporary password to this address, which you were given when you joined.',
  cannotReceive: 'If you can’t get email at this address, contact the help desk.',
  mailAddress: 'Basic mail address',
  mailExample: (example) => `Example: ${example}`,
  send: 'Send',
  back: 'Back',
  mailMissing: 'Enter your basic mail address.',
  mailForm: (example) => `Enter your basic mail address with an “@”, as in the example: ${example}`,
  unlike: (domain) => `“@${domain}” doesn’t look like the example of a basic mail address. Is it right?`,
  unlikeNext: 'If it’s right, press “Send” again. If not, correct it.',

  temporaryHeading: 'Enter the temporary password',
  lookIntoMailbox: 'Check your email',
  arrives:
    'You’ll get an email only if your login ID and basic mail address match our records. It may take a few minutes.',
  enterIt: 'Enter the temporary password that was sent to your basic mail address, then press “Sign in”.',
  sentTo: 'Email address',
  correct: 'Correct it',
  temporary: 'Temporary password',
  temporaryHint: 'It’s the 9 characters in the email. You can type them in capital or small letters.',
  picked: (temporary) => `We took the temporary password “${temporary}” from the text you pasted.`,
  paste: 'Paste',
  unpasted: 'We couldn’t paste it. Copy the temporary password again, or type it into the field.',
  goOn: 'Sign in',
  notArrived: 'If you don’t get the email',
  junk: 'Look in your junk mail folder too. ',
  sender: 'The email comes from: ',
  check: 'Check what you entered. ',
  checkNext: 'If the login ID or basic mail address doesn’t match our records, no email is sent.',
  mayAskAgain: 'We can send the email again. ',
  tooSoon: 'If you asked for it a moment ago, we may not send another one.',
  noMail: 'If you still don’t get it, contact the help desk. ',
  noMailNext: 'Tell them your receipt number, so that they can find your request quickly.',
  about: 'About this recovery',
  expiry: 'How long the temporary password works',
  thisPage: 'This page',
  sameAgain: (lifetime) =>
    `It works for ${lifetime} after we send the email. The email says when it stops working. If we send the email again within that time, the temporary password stays the same.`,
  closeIt: 'You can close it. The button in the email opens it again.',
  receipt: 'Receipt number',
  receiptInMail: 'The email shows your receipt number too.',
  receiptFormer:
    'If you asked twice, the email may show the earlier receipt number. You can tell the help desk either one.',
  receiptHint: 'Tell the help desk this number when you contact them.',
  askAgain: 'Send the email again',
  askedAgain: (time) =>
    `We’ve received your request. If you don’t have the email by ${time}, press the button again.`,
  askedBefore: (time) =>
    `You asked a moment ago, so we won’t send another email now. If you don’t have it by ${time}, press the button again.`,
  temporaryMissing: 'Enter the temporary password.',
  wrong: (left) =>
    `That doesn’t match the temporary password. Check the 9 characters in the email. You can try ${left} more ${left === 1 ? 'time' : 'times'}.`,
  guessesLeft: (left) => `You can try ${left} more ${left === 1 ? 'time' : 'times'}.`,

  endedHeading: 'This recovery can’t continue',
  elsewhere: 'If you entered the temporary password on another page (tab), continue there.',
  ended: {
    guesses: 'The temporary password was wrong 5 times, so this recovery has ended.',
    expired: 'This temporary password has expired.',
    used: 'This temporary password has already been used. It works only once.',
    ended: 'This recovery is already complete or has expired.',
    gone: 'We can’t find this recovery, or it has expired.',
  },
  viaLetter:
    'If you have the email, press its button. You can try again on the page that opens. If you don’t have it, start again from the beginning.',
  unchanged: 'This recovery hasn’t changed your password. ',
  endedNext: 'Please start again from the beginning.',
  reissue: 'To get a new temporary password, please start again from the beginning.',
  usedNext:
    'If you have set a new password, you can sign in with it. If not, start again from the beginning. If someone else used the temporary password, contact the help desk.',
  startAgain: 'Start again',

  newHeading: 'Set a new member support password',
  timeLeft: (lifetime) =>
    `For security, this page works for ${lifetime} after you enter the temporary password.`,
  timeUntil: (time) => `For security, this page works until ${time}.`,
  endsAt: (time) => `This page works until ${time}.`,
  endsNow: 'This page will stop working very soon.',
  endsNext:
    'If you run out of time, don’t worry. Your current password stays as it is, and you can start again.',
  change: 'Change',
  grantMissing: 'The time to set a new password has run out, or you started in another browser.',
  waitingHere: 'First enter the temporary password that we sent you by email.',
  toTemporary: 'Enter the temporary password',

  doneTitle: 'All done',
  done: 'Your new member support password is set. You don’t need to do anything more.',
  doneNext: 'From now on, only the new password works.',
  signInNow: 'Sign in now',
  toLogin: 'Go to the sign-in page',
  madePassword: 'The new password that we made for you',
  madeUntil: (time) => `For security, it is shown only until ${time}.`,
  doneNotice: 'We’ll email you a confirmation.',

  hours: (count) => counted(count, 'hour'),
  minutes: (count) => counted(count, 'minute'),
};

export const recoveryWords: Words<typeof ja> = { ja, en };

/** A duration in seconds as words: in hours from two hours on, else in minutes. */
export function sayLifetime(seconds: number): string {
  const words = localized(recoveryWords);
  return seconds >= 7200 && seconds % 3600 === 0
    ? words.hours(seconds / 3600)
    : words.minutes(Math.ceil(seconds / 60));
}
