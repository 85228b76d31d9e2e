import type { components, paths } from './schema';

/** The shapes of the wire, generated from the API's document. */
export type Schemas = components['schemas'];

type Wire = Schemas['Problem'];

/**
 * The code of a problem: one of the API; `offline` when the device has no network; `no_answer` when no answer came, or one
 * that is not the server's (a gateway's). After the last two the request may have been carried out: ask for the state.
 */
export type Code = Wire['code'] | 'offline' | 'no_answer';

/** A problem, with what the server told about it. */
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

/** The answer to a call: the body, or a problem. */
export type Answer<T> = { ok: true; body: T } | { ok: false; problem: Problem };

/** Whether the answer was lost: the request may have been carried out, so ask for the state. */
export function isLost({ code }: Problem): boolean {
  return code === 'no_answer' || code === 'offline';
}

/** How long a call waits for its answer, in milliseconds. Longer than any server deadline: a timeout means a lost answer. */
const timeout = 30_000;

type Method = 'get' | 'post' | 'put' | 'delete';
type JSONOf<T> = T extends { content: { 'application/json': infer Body } } ? Body : undefined;
type RequestOf<Operation> = Operation extends { requestBody: infer Request } ? JSONOf<Request> : undefined;
type ResponseOf<Operation> = Operation extends { responses: infer Responses }
  ? JSONOf<Responses[keyof Responses & (200 | 202 | 204)]>
  : never;
type IDIn<Path> = Path extends `${string}{id}${string}` ? [id: string] : [];

/**
 * Calls an operation of the API. When `screen` is aborted before the answer comes, the call never ends: no code after it runs.
 * Reads and sign-in are then cancelled. The other requests are left to finish: the server may carry out a cancelled request
 * while the cookie in its answer is lost, so a temporary password could be spent without a grant.
 */
async function call<P extends keyof paths, M extends Method>(
  screen: AbortSignal | undefined,
  method: M,
  path: P,
  body: RequestOf<paths[P][M]>,
  ...[id = '']: IDIn<P>
): Promise<Answer<ResponseOf<paths[P][M]>>> {
  const request = new AbortController();
  const cancel = () => request.abort();
  const timer = setTimeout(cancel, timeout);
  if (method === 'get' || (method === 'post' && path === '/api/session')) {
    screen?.addEventListener('abort', cancel);
  }
  const url = path.replace('{id}', encodeURIComponent(id));
  const answer = await exchange<ResponseOf<paths[P][M]>>(request.signal, method, url, body);
  clearTimeout(timer);
  return screen?.aborted ? new Promise<never>(() => undefined) : answer;
}

async function exchange<T>(
  signal: AbortSignal,
  method: Method,
  url: string,
  body: unknown,
): Promise<Answer<T>> {
  try {
    const response = await fetch(url, {
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

/**
 * Every call of the API. None throws; each ends in an `Answer`, unless `screen` is aborted before the answer comes: then it
 * never ends.
 */
export function calls(screen?: AbortSignal) {
  return {
    site: () => call(screen, 'get', '/api/site', undefined),
    recover: (request: Schemas['RecoveryRequest']) => call(screen, 'post', '/api/recoveries', request),
    recovery: (id: string) => call(screen, 'get', '/api/recoveries/{id}', undefined, id),
    letter: (id: string) => call(screen, 'post', '/api/recoveries/{id}/letter', {}, id),
    redeem: (id: string, temporary_password: string) =>
      call(screen, 'post', '/api/recoveries/{id}/redemption', { temporary_password }, id),
    setPassword: (id: string, new_password: string) =>
      call(screen, 'put', '/api/recoveries/{id}/password', { new_password }, id),
    disavow: (token: string) => call(screen, 'post', '/api/disavowals', { token }),
    signIn: (login_id: string, password: string) =>
      call(screen, 'post', '/api/session', { login_id, password }),
    session: () => call(screen, 'get', '/api/session', undefined),
    signOut: () => call(screen, 'delete', '/api/session', undefined),
    signOutElsewhere: () => call(screen, 'delete', '/api/sessions', undefined),
    member: () => call(screen, 'get', '/api/member', undefined),
    changePassword: (current_password: string, new_password: string) =>
      call(screen, 'put', '/api/member/password', { current_password, new_password }),
  };
}

/** The calls that a screen makes. */
export type Calls = ReturnType<typeof calls>;

/** The calls made outside any screen. */
export const ask = calls();
