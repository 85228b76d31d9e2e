import { chromium, type BrowserContext } from '@playwright/test';
import lighthouse, { type Flags } from 'lighthouse';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test as base } from './test';
import type { App } from './app';

// Measures every page with Lighthouse on a simulated phone, and on an old phone with a slow line. Each result is a row of the
// table in README.md (Figures). To measure one page: npm run lighthouse -- --grep login

const categories = ['performance', 'accessibility', 'best-practices'];

const figures = [
  'first-contentful-paint',
  'largest-contentful-paint',
  'total-blocking-time',
  'cumulative-layout-shift',
];

/** The best of several runs is the page's result, because other work on the machine can only make a page slower. */
const runs = 3;

/** Slow 3G, and a sixth of the processor's speed. DNS and TLS are not measured: the connection is open already. */
const oldPhone = { latency: 400, bytesPerSecond: 400_000 / 8, slowdown: 6 };

interface Page {
  name: string;
  /** Prepares the state that the page shows, and returns the page's address. */
  reach: (app: App) => Promise<string> | string;
  flags?: Flags;
}

const pages: Page[] = [
  { name: 'login', reach: () => '/' },
  { name: 'recovery', reach: () => '/recover' },
  {
    name: 'temporary password',
    reach: async (app) => {
      await app.openRecovery();
      await app.ask();
      return app.page.url();
    },
  },
  {
    name: 'new password',
    reach: async (app) => {
      const { temporaryPassword } = await app.askForLetter();
      await app.redeem(temporaryPassword);
      return app.page.url();
    },
  },
  { name: 'done', reach: () => '/recover/done' },
  {
    name: 'member',
    reach: async (app) => {
      await app.openLogin();
      await app.signIn(app.member.password);
      await app.seeMember();
      return '/member';
    },
  },
  { name: 'disavow', reach: () => '/disavow#token' },
  // The browser logs the page's own status 404 as an error.
  { name: 'not found', reach: () => '/nowhere', flags: { skipAudits: ['errors-in-console'] } },
];

/** A browser that Lighthouse can connect to. Lighthouse's page shares its cookies, which step 5 and the member page need. */
const test = base.extend<{ port: number }>({
  context: async ({ launchOptions, server }, use, info) => {
    const context = await chromium.launchPersistentContext(info.outputPath('profile'), {
      ...launchOptions,
      args: [...(launchOptions.args ?? []), '--remote-debugging-port=0'],
      locale: 'ja-JP',
      baseURL: server.url,
    });
    await use(context);
    await context.close();
  },
  port: async ({ context }, use, info) => {
    expect(context.pages().length, 'the browser runs').toBeGreaterThan(0);
    const file = await readFile(join(info.outputPath('profile'), 'DevToolsActivePort'), 'utf8');
    await use(parseInt(file));
  },
});

for (const { name, reach, flags } of pages) {
  test(name, async ({ context, port, app, server }) => {
    const address = new URL(await reach(app), server.url).href;
    await app.page.close();
    const { scores, figures, failed } = await bestOf(address, { ...flags, port });
    const old = await onAnOldPhone(context, address);
    console.log(`| ${[name, ...scores, ...figures, old].join(' | ')} |`);
    expect(failed).toEqual([]);
    expect(scores).toEqual([100, 100, 100]);
  });
}

async function bestOf(address: string, flags: Flags): Promise<Result> {
  let best = await measure(address, flags);
  for (let run = 1; run < runs && sum(best) < 100 * categories.length; run++) {
    const next = await measure(address, flags);
    if (sum(next) > sum(best)) best = next;
  }
  return best;
}

const sum = ({ scores }: Result) => scores.reduce((all, each) => all + each, 0);

interface Result {
  scores: number[];
  figures: string[];
  /** The titles of the failed audits that count. */
  failed: string[];
}

async function measure(address: string, flags: Flags): Promise<Result> {
  const ours: Flags = { onlyCategories: categories, ignoreStatusCode: true, logLevel: 'error' };
  const result = await lighthouse(address, { ...ours, ...flags });
  if (!result) throw new Error('Lighthouse gives no result');
  const { audits, categories: judged } = result.lhr;
  const counted = categories.flatMap((each) => judged[each]!.auditRefs.filter(({ weight }) => weight > 0));
  return {
    scores: categories.map((each) => Math.round(100 * (judged[each]!.score ?? 0))),
    figures: figures.map((each) => audits[each]?.displayValue ?? '?'),
    failed: counted
      .map(({ id }) => audits[id]!)
      .filter(({ score }) => score !== null && score < 0.9)
      .map(({ id, title }) => `${id}: ${title}`),
  };
}

/** The time on an old phone until the page's heading is shown. Its buttons work by then. */
async function onAnOldPhone(context: BrowserContext, address: string): Promise<string> {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  const { latency, bytesPerSecond, slowdown } = oldPhone;
  await devtools.send('Network.enable');
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  });
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await page.goto(address, { waitUntil: 'commit' });
  await page.locator('#main h1').waitFor();
  const usable = await page.evaluate(
    () => new Promise<number>((resolve) => requestAnimationFrame(() => resolve(performance.now()))),
  );
  await page.close();
  return `${(usable / 1000).toFixed(1)} s`;
}
