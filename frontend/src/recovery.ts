import { ask, isLost, type Answer, type Calls, type Problem, type Schemas } from './api/client';

/** A recovery as its browser may see it. */
export type Recovery = Schemas['Recovery'];

/** Why a recovery has ended, as far as this browser may know. */
export type EndReason = 'guesses' | 'expired' | 'used' | 'ended' | 'gone';

/** How redeeming went. */
export type Redeemed =
  | { outcome: 'go_on' }
  | { outcome: 'completed'; loginId: string }
  | { outcome: 'wrong'; guessesLeft: number }
  | { outcome: 'ended'; reason: EndReason }
  | { outcome: 'problem'; problem: Problem; guessesLeft?: number };

/**
 * What completed a recovery: this request, as the server said; perhaps this one, whose answer was lost; or an earlier
 * one, so that this one was refused.
 */
export type CompletedBy = 'this' | 'perhaps_this' | 'earlier';

/** How setting the new password went. */
export type PasswordSet =
  | { outcome: 'completed'; by: CompletedBy }
  | { outcome: 'rejected'; violations: Schemas['Violation'][] }
  | { outcome: 'grant_missing' }
  | { outcome: 'problem'; problem: Problem };

/**
 * Goes on with a temporary password. A lost answer, and an end, may both follow a redeeming that was done
 * from this browser after all, so both ask for the state first.
 */
export async function redeem(id: string, temporaryPassword: string, calls: Calls = ask): Promise<Redeemed> {
  const answer = await calls.redeem(id, temporaryPassword);
  if (answer.ok) return { outcome: 'go_on' };
  const { problem } = answer;
  switch (problem.code) {
    case 'temporary_password_wrong':
      return problem.guessesLeft
        ? { outcome: 'wrong', guessesLeft: problem.guessesLeft }
        : { outcome: 'ended', reason: 'guesses' };
    case 'not_found':
      return { outcome: 'ended', reason: 'gone' };
    case 'recovery_ended':
    case 'no_answer':
    case 'offline':
      return afterDoubtfulRedemption(problem, await calls.recovery(id));
    default:
      return { outcome: 'problem', problem };
  }
}

function afterDoubtfulRedemption(problem: Problem, state: Answer<Recovery>): Redeemed {
  if (state.ok && state.body.state === 'redeemed') return { outcome: 'go_on' };
  if (state.ok && state.body.state === 'completed') {
    return { outcome: 'completed', loginId: state.body.login_id };
  }
  if (problem.code === 'recovery_ended') return { outcome: 'ended', reason: problem.reason ?? 'ended' };
  if (!state.ok) {
    const gone = state.problem.code === 'not_found';
    return gone ? { outcome: 'ended', reason: 'gone' } : { outcome: 'problem', problem };
  }
  if (state.body.state === 'ended') return { outcome: 'ended', reason: reasonOf(state.body) };
  return { outcome: 'problem', problem, guessesLeft: state.body.guesses_left };
}

/**
 * Sets the new password. A lost answer and a missing grant may both follow a password that was set after
 * all, so both ask for the state first.
 */
export async function setPassword(id: string, newPassword: string, calls: Calls = ask): Promise<PasswordSet> {
  const answer = await calls.setPassword(id, newPassword);
  if (answer.ok) return { outcome: 'completed', by: 'this' };
  const { problem } = answer;
  switch (problem.code) {
    case 'password_rejected':
      return { outcome: 'rejected', violations: problem.violations ?? [] };
    case 'grant_missing':
    case 'not_found':
    case 'no_answer':
    case 'offline':
      return afterDoubtfulPassword(problem, await calls.recovery(id));
    default:
      return { outcome: 'problem', problem };
  }
}

function afterDoubtfulPassword(problem: Problem, state: Answer<Recovery>): PasswordSet {
  const refused = !isLost(problem);
  if (state.ok && state.body.state === 'completed') {
    return { outcome: 'completed', by: refused ? 'earlier' : 'perhaps_this' };
  }
  const held = state.ok ? state.body.state === 'redeemed' : state.problem.code !== 'not_found';
  return refused || !held ? { outcome: 'grant_missing' } : { outcome: 'problem', problem };
}

/** Why a recovery that the server calls ended has ended, as far as its own row tells. */
export function reasonOf(recovery: Recovery): EndReason {
  return recovery.guesses_left === 0 ? 'guesses' : 'ended';
}
