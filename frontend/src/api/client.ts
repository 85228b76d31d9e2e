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

/** Whether no answer came, so that the deed may have been done: the state has to be asked for. */
export function isLost({ code }: Problem): boolean {
  return code === 'no_answer' || code === 'offline';
}

/** Longer than any deadline of the server, in milliseconds: a timeout means a lost answer. */
const patience = 30_000;

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * Calls the server. When `screen` is aborted first, the call never ends: no code after it runs. Reads and sign-in
 * are then cancelled. The other requests are left to finish, because a cancelled one may be done on the server while
 * the cookie in its answer is lost: then a temporary password would be spent and no grant be held.
 */
async function call<T>(
  screen: AbortSignal | undefined,
  method: Method,
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const request = new AbortController();
  const cancel = () => request.abort();
  const timer = setTimeout(cancel, patience);
  if (method === 'GET' || (method === 'POST' && path === 'session')) {
    screen?.addEventListener('abort', cancel);
  }
  const answer = await exchange<T>(request.signal, method, path, body);
  clearTimeout(timer);
  return screen?.aborted ? new Promise<never>(() => undefined) : answer;
}

async function exchange<T>(
  signal: AbortSignal,
  method: Method,
  path: string,
  body: unknown,
): Promise<Answer<T>> {
  try {
    const response = await fetch(`/api/${path}`, {
      method,
      cache: 'no-store',
      headers: { 'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
    return response.ok ? await success<T>(response) : { ok: false, problem: await problemOf(response) };
  } catch {
    return { ok: false, problem: { code: navigator.onLine ? 'no_answer' : 'offline' } };
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

/**
 * Every call of the API, by the name of its deed. None throws; each ends in an `Answer`, unless `screen` is aborted
 * before the answer comes: then it never ends.
 */
export function calls(screen?: AbortSignal) {
  return {
    site: () => call<Schemas['Site']>(screen, 'GET', 'site'),
    recover: (request: Schemas['RecoveryRequest']) =>
      call<Schemas['RecoveryAccepted']>(screen, 'POST', 'recoveries', request),
    recovery: (id: string) => call<Schemas['Recovery']>(screen, 'GET', recovery(id)),
    letter: (id: string) => call<unknown>(screen, 'POST', `${recovery(id)}/letter`, {}),
    redeem: (id: string, temporaryPassword: string) =>
      call<Schemas['Recovery']>(screen, 'POST', `${recovery(id)}/redemption`, {
        temporary_password: temporaryPassword,
      }),
    setPassword: (id: string, newPassword: string) =>
      call<undefined>(screen, 'PUT', `${recovery(id)}/password`, { new_password: newPassword }),
    disavow: (token: string) => call<undefined>(screen, 'POST', 'disavowals', { token }),
    signIn: (loginId: string, password: string) =>
      call<Schemas['Session']>(screen, 'POST', 'session', { login_id: loginId, password }),
    session: () => call<Schemas['Session']>(screen, 'GET', 'session'),
    signOut: () => call<undefined>(screen, 'DELETE', 'session'),
    signOutElsewhere: () => call<undefined>(screen, 'DELETE', 'sessions'),
    member: () => call<Schemas['Member']>(screen, 'GET', 'member'),
    changePassword: (currentPassword: string, newPassword: string) =>
      call<undefined>(screen, 'PUT', 'member/password', {
        current_password: currentPassword,
        new_password: newPassword,
      }),
  };
}

/** The calls that a screen makes. */
export type Calls = ReturnType<typeof calls>;

/** The calls made outside any screen. */
export const ask = calls();
