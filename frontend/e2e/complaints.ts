import { expect, type BrowserContext, type ConsoleMessage } from '@playwright/test';

/**
 * Listens to what a browser's pages complain of: errors, warnings, and whatever the content security policy
 * stopped. Gives a function that fails the test when there was any.
 */
export async function listen(context: BrowserContext): Promise<() => void> {
  const complaints: string[] = [];
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error('content security policy:', event.violatedDirective, event.blockedURI);
    });
  });
  context.on('console', (message) => {
    if (isComplaint(message))
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (thrown) => complaints.push(String(thrown.error())));
  return () => {
    expect(complaints, 'what the pages complained of').toEqual([]);
  };
}

// The browser writes down every refusal of the API, and every lost answer, as an error; the app tells the member.
function isComplaint(message: ConsoleMessage): boolean {
  if (message.type() !== 'error' && message.type() !== 'warning') return false;
  const answered =
    /^Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_CONNECTION_RESET)/;
  const { url } = message.location();
  return !(answered.test(message.text()) && new URL(url).pathname.startsWith('/api/'));
}
