import { obeysAxe } from './axe';
import { expect, test } from './test';

test.use({ kind: 'bare' });

test('a demo says that it is one and leads to its mailbox', async ({ app, page, context }) => {
  const { letter, temporaryPassword } = await app.askForLetter();
  const opened = context.waitForEvent('page');
  await page.locator('a[href="/demo/mailbox"]').click();
  const mailbox = await opened;
  await expect(mailbox.locator('body')).toContainText('【IMS】仮パスワードのお知らせ');
  await obeysAxe(mailbox, 'the demo mailbox');

  // The letter's frame in the mailbox allows no script, so axe cannot check the letter there.
  const reader = await context.newPage();
  await reader.setContent(letter.html);
  await expect(reader.locator('body')).toContainText(temporaryPassword);
  await obeysAxe(reader, 'a letter', ['wcag2a', 'wcag2aa', 'wcag21aa']);
});
