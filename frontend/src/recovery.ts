import { isLost, type Answer, type Calls, type Problem, type Schemas } from './api/client';

/** A recovery as the server shows it to this browser. */
export type Recovery = Schemas['Recovery'];

/** Why a recovery has ended, as far as the server tells this browser. */
export type EndReason = 'guesses' | 'expired' | 'used' | 'ended' | 'gone';

/** The outcome of redeeming. */
export type Redeemed =
  | { outcome: 'go_on' }
  | { outcome: 'completed' }
  | { outcome: 'wrong'; guessesLeft: number }
  | { outcome: 'ended'; reason: EndReason }
  | { outcome: 'problem'; problem: Problem; guessesLeft?: number };

/**
 * Which request completed a recovery: this one; perhaps this one, whose answer was lost; or an earlier one, so that this one
 * was refused.
 */
export type CompletedBy = 'this' | 'perhaps_this' | 'earlier';

/** The outcome of setting the new password. */
export type PasswordSet =
  | { outcome: 'completed'; by: CompletedBy }
  | { outcome: 'rejected'; violations: Schemas['Violation'][] }
  | { outcome: 'grant_missing' }
  | { outcome: 'problem'; problem: Problem };

/**
 * Redeems a temporary password. When the answer was lost, or the recovery has ended, this browser may have redeemed it all the
 * same. Then the recovery's state decides.
 */
export async function redeem(calls: Calls, id: string, temporaryPassword: string): Promise<Redeemed> {
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

/** Decides by the recovery's state when the answer to redeeming does not. */
function afterDoubtfulRedemption(problem: Problem, state: Answer<Recovery>): Redeemed {
  if (state.ok && state.body.state === 'redeemed') return { outcome: 'go_on' };
  if (state.ok && state.body.state === 'completed') return { outcome: 'completed' };
  if (problem.code === 'recovery_ended') return { outcome: 'ended', reason: problem.reason ?? 'ended' };
  if (!state.ok) {
    const gone = state.problem.code === 'not_found';
    return gone ? { outcome: 'ended', reason: 'gone' } : { outcome: 'problem', problem };
  }
  if (state.body.state === 'ended') return { outcome: 'ended', reason: reasonOf(state.body) };
  return { outcome: 'problem', problem, guessesLeft: state.body.guesses_left };
}

/**
 * Sets the new password. When the answer was lost, or the grant is missing, a password may have been set all the same. Then
 * the recovery's state decides.
 */
export async function setPassword(calls: Calls, id: string, newPassword: string): Promise<PasswordSet> {
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

/** Decides by the recovery's state when the answer to setting the password does not. */
function afterDoubtfulPassword(problem: Problem, state: Answer<Recovery>): PasswordSet {
  const refused = !isLost(problem);
  if (state.ok && state.body.state === 'completed') {
    return { outcome: 'completed', by: refused ? 'earlier' : 'perhaps_this' };
  }
  const grantMayBeLive = state.ok ? state.body.state === 'redeemed' : state.problem.code !== 'not_found';
  return refused || !grantMayBeLive ? { outcome: 'grant_missing' } : { outcome: 'problem', problem };
}

/** Why a recovery in the state `ended` has ended, as far as the server tells this browser. */
export function reasonOf(recovery: Recovery): EndReason {
  return recovery.guesses_left === 0 ? 'guesses' : 'ended';
}
