import { test as base } from '@playwright/test';
import { collectComplaints } from './complaints';
import { demoMember, makeMembers, type Member } from './members';
import { startDemo, startReal, type Server, type Settings } from './server';
import { App } from './app';
import type { Language } from './words';

/** The options of a project or a file of tests. */
export interface Options {
  /** `bare` is a demo with its one member only, as a user starts it. */
  kind: 'demo' | 'bare' | 'real';
  settings: Settings;
  language: Language;
  /** Matches the errors and warnings that the test expects in the console. */
  expectedComplaints: RegExp | undefined;
}

/** What each test gets. */
interface Fixtures {
  server: Server;
  member: Member;
  app: App;
  /** Opens a page in another browser, which shares nothing with the first one. */
  elsewhere: (browserLanguage?: Language) => Promise<App>;
}

/** What each worker has. */
interface WorkerFixtures {
  /** A server, and the members that no test has used yet. */
  shared: { server: Server; members: Member[] };
}

/** More than there are tests, also when each of them runs ten times. */
const memberCount = 1000;

type OfTest = 'language' | 'expectedComplaints';

export const test = base.extend<Fixtures & Pick<Options, OfTest>, WorkerFixtures & Omit<Options, OfTest>>({
  kind: ['demo', { option: true, scope: 'worker' }],
  settings: [{}, { option: true, scope: 'worker' }],
  language: ['ja', { option: true }],
  expectedComplaints: [undefined, { option: true }],
  locale: async ({ language }, use) => use(localeOf(language)),
  baseURL: async ({ server }, use) => use(server.url),

  shared: [
    async ({ kind, settings }, use, worker) => {
      const members = kind === 'bare' ? [demoMember] : makeMembers(memberCount);
      const server =
        kind === 'real'
          ? await startReal(worker.workerIndex, members, settings)
          : await startDemo(kind === 'bare' ? [] : members, settings);
      await use({ server, members });
      await server.stop();
    },
    { scope: 'worker' },
  ],

  server: async ({ shared }, use) => use(shared.server),

  // Each test has its own member, so that no test sees the letters or sessions of another one.
  member: async ({ shared }, use) => {
    const member = shared.members.pop();
    if (!member) throw new Error('every member has been in a test already');
    await use(member);
  },

  context: async ({ context, expectedComplaints }, use) => {
    const noComplaints = await collectComplaints(context, expectedComplaints);
    await use(context);
    noComplaints();
  },

  app: async ({ page, server, member, language }, use) => use(new App(page, server, member, language)),

  elsewhere: async ({ browser, app, server, language }, use) => {
    const opened: { close: () => Promise<void>; noComplaints: () => void }[] = [];
    await use(async (browserLanguage = language) => {
      const context = await browser.newContext({ baseURL: server.url, locale: localeOf(browserLanguage) });
      opened.push({ close: () => context.close(), noComplaints: await collectComplaints(context) });
      return app.in(await context.newPage());
    });
    for (const each of opened) {
      await each.close();
      each.noComplaints();
    }
  },
});

function localeOf(language: Language): string {
  return language === 'ja' ? 'ja-JP' : 'en-US';
}

export { expect } from '@playwright/test';
