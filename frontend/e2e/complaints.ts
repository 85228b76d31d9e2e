import { expect, type BrowserContext, type ConsoleMessage } from '@playwright/test';

/**
 * Listens to what a browser's pages complain of: errors, warnings, and whatever the content security policy
 * stopped. Gives a function that fails the test when there was any. `foreseen` are further ones that the test
 * causes itself.
 */
export async function listen(context: BrowserContext, foreseen?: RegExp): Promise<() => void> {
  const complaints: string[] = [];
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error('content security policy:', event.violatedDirective, event.blockedURI);
    });
  });
  context.on('console', (message) => {
    if (isComplaint(message) && !foreseen?.test(message.text()))
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (thrown) => complaints.push(String(thrown.error())));
  return () => {
    expect(complaints, 'what the pages complained of').toEqual([]);
  };
}

const expected = [
  // The browser writes down every refusal of the API, and every lost answer, as an error; the app tells the member.
  {
    text: /^Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_CONNECTION_RESET)/,
    at: /\/api\//,
  },
  { text: /^Failed to load resource: the server responded with a status of 404/, at: /\/nowhere$/ },
  // The script above and axe's, kept out of the frame in which the demo's mailbox shows a letter.
  { text: /^Blocked script execution/, at: /\/demo\/letters\// },
];

function isComplaint(message: ConsoleMessage): boolean {
  if (message.type() !== 'error' && message.type() !== 'warning') return false;
  return !expected.some(({ text, at }) => text.test(message.text()) && at.test(message.location().url));
}
