import { http, HttpResponse, type DefaultBodyType, type HttpResponseResolver } from 'msw';
import { setupServer } from 'msw/node';
import type { Schemas } from '../api/client';

/** The server's stand-in. A request that a test has not foreseen fails it. */
export const server = setupServer();

/** A recovery's id. */
export const id = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The operator's settings that the tests run with. */
export const settings: Schemas['Site'] = {
  brand: { name: { ja: 'IMS', en: 'IMS' }, copyright: '© IMS', logo: '', colors: null },
  help_desk: {
    name: { ja: 'ヘルプデスク', en: 'Help desk' },
    phone: '0120-000-000',
    hours: { ja: '9:00〜18:00', en: '9:00–18:00' },
    mail: 'help@ims.example',
    url: 'https://ims.example/help',
  },
  sender: 'support@ims.example',
  login_suffix: '@wakwak.com',
  mail_example: '…@xxx.mm-m.ne.jp',
  password: { min_length: 9, max_length: 20, symbols: '-_/@' },
  lifetimes: {
    temporary_password: 3600,
    grant: 1800,
    recovery: 86400,
    session_idle: 1800,
    session_absolute: 43200,
  },
  languages: ['ja', 'en'],
  announcement: null,
  mailbox_help: null,
  recovery: 'open',
  demo: false,
};

type Method = 'get' | 'post' | 'put' | 'delete';

/** Answers calls of one kind, in turn; the last answer is given again. Gives the bodies that came. */
export function answer(method: Method, path: string, ...answers: HttpResponseResolver[]): DefaultBodyType[] {
  const bodies: DefaultBodyType[] = [];
  let next = 0;
  server.use(
    http[method](`*/api/${path}`, async (call) => {
      const text = await call.request.clone().text();
      bodies.push(text ? (JSON.parse(text) as DefaultBodyType) : null);
      return answers[Math.min(next++, answers.length - 1)]?.(call);
    }),
  );
  return bodies;
}

/** A good answer. */
export const ok =
  (body: DefaultBodyType, status = 200): HttpResponseResolver =>
  () =>
    HttpResponse.json(body, { status });

/** 204. */
export const done: HttpResponseResolver = () => new HttpResponse(null, { status: 204 });

/** A refusal. */
export const problem =
  (
    status: number,
    code: string,
    more: object = {},
    headers: Record<string, string> = {},
  ): HttpResponseResolver =>
  () =>
    HttpResponse.json(
      { title: code, status, code, ...more },
      { status, headers: { 'Content-Type': 'application/problem+json', ...headers } },
    );

/** The connection breaks before an answer comes. */
export const lost: HttpResponseResolver = () => HttpResponse.error();

/** A gateway's own page: not the server's word. */
export const gateway: HttpResponseResolver = () => HttpResponse.html('<h1>Bad gateway</h1>', { status: 502 });

/** The state of the recovery. */
export const recovery = (state: Schemas['Recovery']['state'], guessesLeft = 5): HttpResponseResolver =>
  ok({ id, receipt: '12345678', login_id: 'abcd', state, guesses_left: guessesLeft });

/** An answer that is held back. `release` gives it, and ends when the app has had it. */
export function held(resolver: HttpResponseResolver) {
  let open: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (open = resolve));
  const requests: Request[] = [];
  const late: HttpResponseResolver = async (call) => {
    requests.push(call.request);
    await released;
    return resolver(call);
  };
  const release = async () => {
    open();
    // Calls that begin after the answer was given, and take the same way, end after the app has had it.
    server.use(http.get('*/api/barrier', ok({})));
    for (let round = 0; round < 3; round++) await (await fetch('/api/barrier')).text();
  };
  return { late, release, requests };
}
