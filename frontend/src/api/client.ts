import type { components } from './schema';

/** The shapes of the wire, generated from the API's document. */
export type Schemas = components['schemas'];

type Wire = Schemas['Problem'];

/**
 * What went wrong: a code of the API; `offline` when the device has no network; `no_answer` when none came,
 * or one that is not the server's (a gateway's): then the deed may have been done, and the state has to be
 * asked for.
 */
export type Code = Wire['code'] | 'offline' | 'no_answer';

/** What went wrong, and what the server said of it. */
export interface Problem {
  code: Code;
  field?: Wire['field'];
  guessesLeft?: number;
  reason?: Wire['reason'];
  violations?: Wire['violations'];
  requestId?: string;
  /** Seconds to wait. */
  retryAfter?: number;
}

/** An answer of the server: what was asked for, or a problem. */
export type Answer<T> = { ok: true; body: T } | { ok: false; problem: Problem };

/** Longer than the server may take for anything; past it, nobody believes in an answer. */
const patience = 30_000;

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

async function call<T>(method: Method, path: string, body?: unknown): Promise<Answer<T>> {
  const impatience = new AbortController();
  const timer = setTimeout(() => impatience.abort(), patience);
  try {
    const response = await fetch(`/api/${path}`, {
      method,
      cache: 'no-store',
      credentials: 'same-origin',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: impatience.signal,
    });
    return response.ok ? await success<T>(response) : { ok: false, problem: await problemOf(response) };
  } catch {
    return { ok: false, problem: { code: navigator.onLine ? 'no_answer' : 'offline' } };
  } finally {
    clearTimeout(timer);
  }
}

async function success<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  return { ok: true, body: (text ? JSON.parse(text) : undefined) as T };
}

async function problemOf(response: Response): Promise<Problem> {
  if (!response.headers.get('Content-Type')?.startsWith('application/problem+json')) {
    return { code: 'no_answer' };
  }
  const { code, field, guesses_left, reason, violations, request_id } =
    (await response.json()) as Partial<Wire>;
  const retryAfter = Number(response.headers.get('Retry-After') ?? NaN);
  return {
    code: code ?? 'internal',
    ...(field !== undefined && { field }),
    ...(guesses_left !== undefined && { guessesLeft: guesses_left }),
    ...(reason !== undefined && { reason }),
    ...(violations !== undefined && { violations }),
    ...(request_id !== undefined && { requestId: request_id }),
    ...(retryAfter >= 0 && { retryAfter }),
  };
}

const recovery = (id: string) => `recoveries/${encodeURIComponent(id)}`;

/** Every call of the API, by the name of its deed. None throws; each ends in an `Answer`. */
export const ask = {
  site: () => call<Schemas['Site']>('GET', 'site'),
  recover: (request: Schemas['RecoveryRequest']) =>
    call<Schemas['RecoveryAccepted']>('POST', 'recoveries', request),
  recovery: (id: string) => call<Schemas['Recovery']>('GET', recovery(id)),
  letter: (id: string) => call<unknown>('POST', `${recovery(id)}/letter`, {}),
  redeem: (id: string, temporaryPassword: string) =>
    call<Schemas['Recovery']>('POST', `${recovery(id)}/redemption`, {
      temporary_password: temporaryPassword,
    }),
  setPassword: (id: string, newPassword: string) =>
    call<undefined>('PUT', `${recovery(id)}/password`, { new_password: newPassword }),
  disavow: (token: string) => call<undefined>('POST', 'disavowals', { token }),
  signIn: (loginId: string, password: string) =>
    call<Schemas['Session']>('POST', 'session', { login_id: loginId, password }),
  session: () => call<Schemas['Session']>('GET', 'session'),
  signOut: () => call<undefined>('DELETE', 'session'),
  signOutElsewhere: () => call<undefined>('DELETE', 'sessions'),
  member: () => call<Schemas['Member']>('GET', 'member'),
  changePassword: (currentPassword: string, newPassword: string) =>
    call<undefined>('PUT', 'member/password', {
      current_password: currentPassword,
      new_password: newPassword,
    }),
};
