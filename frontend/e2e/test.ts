import { test as base } from '@playwright/test';
import { listen } from './complaints';
import { demoMember, enrolled, type Member } from './members';
import { startDemo, startReal, type Server, type Settings } from './server';
import { Walk } from './walk';
import type { Language } from './words';

/** What a project or a file of tests chooses. */
export interface Options {
  /** `bare` is a demo as everybody starts it: with its one member. */
  kind: 'demo' | 'bare' | 'real';
  settings: Settings;
  language: Language;
  /** What the pages may complain of besides. */
  foreseen: RegExp | undefined;
}

interface Given {
  server: Server;
  member: Member;
  walk: Walk;
  /** Opens a page in another browser, which shares nothing with the first. */
  elsewhere: (browserLanguage?: Language) => Promise<Walk>;
}

interface Kept {
  /** What all tests of one worker share: a server and the members that no test has had yet. */
  shared: { server: Server; members: Member[] };
}

/** More than there are tests, also when each is run ten times. */
const enrolledMembers = 1000;

type OfTest = 'language' | 'foreseen';

export const test = base.extend<Given & Pick<Options, OfTest>, Kept & Omit<Options, OfTest>>({
  kind: ['demo', { option: true, scope: 'worker' }],
  settings: [{}, { option: true, scope: 'worker' }],
  language: ['ja', { option: true }],
  foreseen: [undefined, { option: true }],
  locale: async ({ language }, use) => use(localeOf(language)),
  baseURL: async ({ server }, use) => use(server.url),

  shared: [
    async ({ kind, settings }, use, worker) => {
      const members = kind === 'bare' ? [demoMember] : enrolled(enrolledMembers);
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

  // Each test has a member of its own, so that no letter and no session waits for another test's.
  member: async ({ shared }, use) => {
    const member = shared.members.pop();
    if (!member) throw new Error('every member has been in a test already');
    await use(member);
  },

  context: async ({ context, foreseen }, use) => {
    const noComplaints = await listen(context, foreseen);
    await use(context);
    noComplaints();
  },

  walk: async ({ page, server, member, language }, use) => use(new Walk(page, server, member, language)),

  elsewhere: async ({ browser, walk, server, language }, use) => {
    const opened: { close: () => Promise<void>; noComplaints: () => void }[] = [];
    await use(async (browserLanguage = language) => {
      const context = await browser.newContext({ baseURL: server.url, locale: localeOf(browserLanguage) });
      opened.push({ close: () => context.close(), noComplaints: await listen(context) });
      return walk.in(await context.newPage());
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
