import type { Problem } from '../api/client';
import { counted, localized, type Same, type Words } from './words';

const ja = {
  offline: 'インターネットにつながっていないようです。接続を確かめて、もう一度お試しください。',
  noAnswer: '通信できませんでした。もう一度お試しください。',
  busy: (wait: string) => `ただいま混み合っています。${wait}、もう一度お試しください。`,
  tooMany: (wait: string) =>
    `安全のため、続けて操作できる回数を制限しています。${wait}、もう一度お試しください。`,
  paused: 'ただいま、パスワードのリカバリーを休止しています。お急ぎの方は、ヘルプデスクへご連絡ください。',
  cookies:
    'ブラウザが保存しているCookie（クッキー）が大きすぎます。ブラウザの設定でCookieを削除してから、もう一度お試しください。',
  other: '処理できませんでした。しばらくしてから、もう一度お試しください。',
  kept: '入力した内容は残っています。',
  reference: (id: string) => `同じことが続くときは、エラー番号「${id}」をヘルプデスクへお伝えください。`,
  soon: '少し待ってから',
  seconds: (count: number) => `${count}秒ほど待ってから`,
  minutes: (count: number) => `${count}分ほど待ってから`,
};

const en: Same<typeof ja> = {
  offline: 'You seem to be offline. Check your internet connection and try again.',
  noAnswer: 'We couldn’t connect. Please try again.',
  busy: (wait) => `We’re busy right now. Please try again ${wait}.`,
  tooMany: (wait) => `For security, you can’t try this too often. Please try again ${wait}.`,
  paused: 'Password recovery is paused right now. If it’s urgent, contact the help desk.',
  cookies: 'Your browser’s cookies are too large. Delete them in your browser’s settings, then try again.',
  other: 'Something went wrong. Please wait a little and try again.',
  kept: ' What you typed is still here.',
  reference: (id) => ` If this keeps happening, tell the help desk the error number “${id}”.`,
  soon: 'in a little while',
  seconds: (count) => `in about ${counted(count, 'second')}`,
  minutes: (count) => `in about ${counted(count, 'minute')}`,
};

const problemWords: Words<typeof ja> = { ja, en };

/** The sentence for a problem that no field caused. */
export function sayProblem(problem: Problem): string {
  const words = localized(problemWords);
  switch (problem.code) {
    case 'offline':
      return words.offline;
    case 'no_answer':
      return words.noAnswer;
    case 'busy':
    case 'unavailable':
      return words.busy(wait(problem.retryAfter));
    case 'too_many_attempts':
      return words.tooMany(wait(problem.retryAfter));
    case 'paused':
      return words.paused;
    case 'headers_too_large':
      return words.cookies;
    default:
      return problem.requestId ? words.other + words.reference(problem.requestId) : words.other;
  }
}

/** The same for a form with fields. It adds that what was typed is still there, except while recovery is paused. */
export function sayProblemOfForm(problem: Problem): string {
  const sentence = sayProblem(problem);
  return problem.code === 'paused' ? sentence : sentence + localized(problemWords).kept;
}

function wait(seconds: number | undefined): string {
  const words = localized(problemWords);
  if (!seconds) return words.soon;
  return seconds < 60 ? words.seconds(seconds) : words.minutes(Math.ceil(seconds / 60));
}
