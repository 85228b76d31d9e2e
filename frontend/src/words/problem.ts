import type { Problem } from '../api/client';
import { spoken, type Same, type Words } from './words';

const ja = {
  offline:
    'インターネットにつながっていないようです。接続を確かめて、もう一度お試しください。入力した内容は残っています。',
  noAnswer: 'サーバーからの返事が届きませんでした。もう一度お試しください。入力した内容は残っています。',
  busy: (wait: string) =>
    `ただいま混み合っています。${wait}、もう一度お試しください。入力した内容は残っています。`,
  tooMany: (wait: string) =>
    `短い時間に何度も試されたため、お待ちいただいています。${wait}、もう一度お試しください。入力した内容は残っています。`,
  paused: 'ただいまパスワードのリカバリーを休止しています。お急ぎの方は、ヘルプデスクへご連絡ください。',
  other: 'うまく処理できませんでした。時間をおいて、もう一度お試しください。',
  reference: (id: string) => `続くときは、次の番号をヘルプデスクへお知らせください：${id}`,
  soon: '少し待ってから',
  seconds: (count: number) => `${count}秒ほど待ってから`,
  minutes: (count: number) => `${count}分ほど待ってから`,
};

const en: Same<typeof ja> = {
  offline:
    'You seem to be offline. Check your internet connection and try again. What you typed is still here.',
  noAnswer: 'No answer came from the server. Try again. What you typed is still here.',
  busy: (wait) => `We are busy at the moment. Try again ${wait}. What you typed is still here.`,
  tooMany: (wait) =>
    `There were many tries in a short time, so there is a wait. Try again ${wait}. What you typed is still here.`,
  paused: 'Password recovery is paused at the moment. If it is urgent, contact the help desk.',
  other: 'That did not work. Wait a little and try again.',
  reference: (id) => `If it goes on, tell the help desk this number: ${id}`,
  soon: 'in a little while',
  seconds: (count) => `in about ${count} seconds`,
  minutes: (count) => `in about ${count} ${count === 1 ? 'minute' : 'minutes'}`,
};

const problemWords: Words<typeof ja> = { ja, en };

/** The sentence for a problem that is nobody's typing. */
export function sayProblem(problem: Problem): string {
  const words = spoken(problemWords);
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
    default:
      return problem.requestId ? words.other + words.reference(problem.requestId) : words.other;
  }
}

function wait(seconds: number | undefined): string {
  const words = spoken(problemWords);
  if (!seconds) return words.soon;
  return seconds < 60 ? words.seconds(seconds) : words.minutes(Math.ceil(seconds / 60));
}
