import { describe, expect, test } from 'vitest';
import { ask } from './api/client';
import { redeem, setPassword } from './recovery';
import { answer, done, gateway, id, lost, problem, recovery } from './test/server';

const redemption = `recoveries/${id}/redemption`;
const password = `recoveries/${id}/password`;
const state = `recoveries/${id}`;

describe('redeeming', () => {
  test('a right temporary password leads on to step 5', async () => {
    const bodies = answer('post', redemption, recovery('redeemed'));
    expect(await redeem(ask, id, 'Abc234xyz')).toEqual({ outcome: 'go_on' });
    expect(bodies).toEqual([{ temporary_password: 'Abc234xyz' }]);
  });

  test('a wrong temporary password gives the number of guesses left', async () => {
    answer('post', redemption, problem(422, 'temporary_password_wrong', { guesses_left: 3 }));
    expect(await redeem(ask, id, 'x')).toEqual({ outcome: 'wrong', guessesLeft: 3 });
  });

  test.each(['guesses', 'expired', 'used'])('an ended recovery gives the reason %s', async (reason) => {
    answer('post', redemption, problem(410, 'recovery_ended', { reason }));
    answer('get', state, recovery('ended', 0));
    expect(await redeem(ask, id, 'x')).toEqual({ outcome: 'ended', reason });
  });

  test('a temporary password that this browser has used leads on to step 5', async () => {
    answer('post', redemption, problem(410, 'recovery_ended', { reason: 'used' }));
    answer('get', state, recovery('redeemed'));
    expect(await redeem(ask, id, 'x')).toEqual({ outcome: 'go_on' });
  });

  test.each([
    ['a lost answer', lost],
    ['a gateway’s answer', gateway],
  ])('after %s the recovery’s state decides', async (_, broken) => {
    answer('post', redemption, broken);
    answer('get', state, recovery('redeemed'));
    expect(await redeem(ask, id, 'x')).toEqual({ outcome: 'go_on' });

    answer('get', state, recovery('completed'));
    expect(await redeem(ask, id, 'x')).toEqual({ outcome: 'completed' });

    answer('get', state, recovery('waiting', 4));
    expect(await redeem(ask, id, 'x')).toEqual({
      outcome: 'problem',
      problem: { code: 'no_answer' },
      guessesLeft: 4,
    });

    answer('get', state, recovery('ended', 0));
    expect(await redeem(ask, id, 'x')).toEqual({ outcome: 'ended', reason: 'guesses' });

    answer('get', state, problem(404, 'not_found'));
    expect(await redeem(ask, id, 'x')).toEqual({ outcome: 'ended', reason: 'gone' });

    answer('get', state, lost);
    expect(await redeem(ask, id, 'x')).toEqual({ outcome: 'problem', problem: { code: 'no_answer' } });
  });

  test('a busy server’s Retry-After is passed on', async () => {
    answer('post', redemption, problem(503, 'busy', {}, { 'Retry-After': '7' }));
    expect(await redeem(ask, id, 'x')).toEqual({
      outcome: 'problem',
      problem: { code: 'busy', retryAfter: 7 },
    });
  });
});

describe('setting the new password', () => {
  test('completes the recovery', async () => {
    const bodies = answer('put', password, done);
    expect(await setPassword(ask, id, 'Tanuki7Kettle')).toEqual({ outcome: 'completed', by: 'this' });
    expect(bodies).toEqual([{ new_password: 'Tanuki7Kettle' }]);
  });

  test('gives the broken rules', async () => {
    answer('put', password, problem(422, 'password_rejected', { violations: [{ code: 'too_common' }] }));
    expect(await setPassword(ask, id, 'x')).toEqual({
      outcome: 'rejected',
      violations: [{ code: 'too_common' }],
    });
  });

  test('after a lost answer the recovery’s state decides', async () => {
    answer('put', password, lost);
    answer('get', state, recovery('completed'));
    expect(await setPassword(ask, id, 'x')).toEqual({ outcome: 'completed', by: 'perhaps_this' });

    answer('get', state, recovery('redeemed'));
    expect(await setPassword(ask, id, 'x')).toEqual({ outcome: 'problem', problem: { code: 'no_answer' } });

    answer('get', state, recovery('ended'));
    expect(await setPassword(ask, id, 'x')).toEqual({ outcome: 'grant_missing' });

    answer('get', state, lost);
    expect(await setPassword(ask, id, 'x')).toEqual({ outcome: 'problem', problem: { code: 'no_answer' } });
  });

  test('gives a missing grant, unless the recovery was completed before', async () => {
    answer('put', password, problem(401, 'grant_missing'));
    answer('get', state, recovery('waiting'));
    expect(await setPassword(ask, id, 'x')).toEqual({ outcome: 'grant_missing' });

    answer('get', state, recovery('completed'));
    expect(await setPassword(ask, id, 'x')).toEqual({ outcome: 'completed', by: 'earlier' });
  });
});
