import { expect, type BrowserContext, type ConsoleMessage } from '@playwright/test';

/**
 * Collects what the pages of a browser report in the console: errors, warnings, and violations of the content security policy.
 * Returns a function that fails the test when there was any. `expectedByTest` matches those that the test causes itself.
 */
export async function collectComplaints(
  context: BrowserContext,
  expectedByTest?: RegExp,
): Promise<() => void> {
  const complaints: string[] = [];
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error('content security policy:', event.violatedDirective, event.blockedURI);
    });
  });
  context.on('console', (message) => {
    if (isComplaint(message) && !expectedByTest?.test(message.text()))
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (thrown) => complaints.push(String(thrown.error())));
  return () => {
    expect(complaints, 'errors and warnings in the console').toEqual([]);
  };
}

const expected = [
  // The browser logs every refusal of the API, and every lost answer, as an error. The app tells the member.
  {
    text: /^Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_CONNECTION_RESET)/,
    at: /\/api\//,
  },
  { text: /^Failed to load resource: the server responded with a status of 404/, at: /\/nowhere$/ },
  // The script above and axe: the frame in which the demo's mailbox shows a letter allows none.
  { text: /^Blocked script execution/, at: /\/demo\/letters\// },
];

function isComplaint(message: ConsoleMessage): boolean {
  if (message.type() !== 'error' && message.type() !== 'warning') return false;
  return !expected.some(({ text, at }) => text.test(message.text()) && at.test(message.location().url));
}
