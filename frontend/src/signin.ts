import { isLost, type Calls, type Problem } from './api/client';
import { beforeAt } from './normalise';

/**
 * Signs in. Gives the problem, or nothing when the member is signed in. After a lost answer the session may be open all
 * the same: the server is asked. Another member's session, left open in this browser, does not count.
 */
export async function signIn(calls: Calls, loginId: string, password: string): Promise<Problem | undefined> {
  const answer = await calls.signIn(loginId, password);
  if (answer.ok) return undefined;
  if (isLost(answer.problem)) {
    const session = await calls.session();
    if (session.ok && session.body.login_id === beforeAt(loginId)) return undefined;
  }
  return answer.problem;
}
