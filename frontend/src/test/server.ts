import { http, HttpResponse, type DefaultBodyType, type HttpResponseResolver } from 'msw';
import { setupServer } from 'msw/node';
import type { Schemas } from '../api/client';

/** A fake server. A request that the test has not set an answer for fails the test. */
export const server = setupServer();

/** The id of the recovery in all tests. */
export const id = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The operator's settings in all tests. */
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

/** Sets the answers to calls of one kind, in their order; the last one is repeated. Returns the bodies of the calls, as they arrive. */
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

/** An answer with a JSON body. */
export const ok =
  (body: DefaultBodyType, status = 200): HttpResponseResolver =>
  () =>
    HttpResponse.json(body, { status });

/** 204, an answer without a body. */
export const done: HttpResponseResolver = () => new HttpResponse(null, { status: 204 });

/** An answer with a problem. */
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

/** The connection breaks before the answer arrives. */
export const lost: HttpResponseResolver = () => HttpResponse.error();

/** A gateway's own error page, which says nothing about what the server did. */
export const gateway: HttpResponseResolver = () => HttpResponse.html('<h1>Bad gateway</h1>', { status: 502 });

/** The recovery in a state. */
export const recovery = (state: Schemas['Recovery']['state'], guessesLeft = 5): HttpResponseResolver =>
  ok({ id, receipt: '12345678', login_id: 'abcd', state, guesses_left: guessesLeft });

/** A session that began ten minutes before it was last used. */
export const liveSession = (
  device: Schemas['LiveSession']['device'],
  current: boolean,
): Schemas['LiveSession'] => ({
  device,
  current,
  signed_in_at: '2026-11-21T14:00:00Z',
  last_seen_at: '2026-11-21T14:10:00Z',
});

/** The member page of the member abcd, with changes. */
export const memberPage = (changes: Partial<Schemas['Member']> = {}): HttpResponseResolver =>
  ok({
    login_id: 'abcd',
    basic_mail_address: 'abcd@xxx.mm-m.ne.jp',
    password_changed_at: null,
    sessions: [liveSession('windows', true)],
    activities: [],
    ...changes,
  });

/** Delays an answer until `release` is called, which resolves when the app has processed the answer. */
export function delayed(answer: HttpResponseResolver) {
  let resolve: () => void = () => undefined;
  const released = new Promise<void>((settle) => (resolve = settle));
  const requests: Request[] = [];
  const late: HttpResponseResolver = async (call) => {
    requests.push(call.request);
    await released;
    return answer(call);
  };
  const release = async () => {
    resolve();
    // These calls begin after the answer and take the same path through the fake server, so they end after the app has
    // processed it.
    server.use(http.get('*/api/barrier', ok({})));
    for (let i = 0; i < 3; i++) await (await fetch('/api/barrier')).text();
  };
  return { late, release, requests };
}
