import { inspect } from './inspect';
import { expect, test } from './test';
import { disavowWords } from './words';
import type { App } from './app';

const newPassword = 'Asa-no-tsuki3';

/** Completes a recovery, and returns the path of the link “that was not me” in its notice. */
async function changeByRecovery(app: App): Promise<string> {
  const { temporaryPassword } = await app.askForLetter();
  await app.redeem(temporaryPassword);
  await app.choose(newPassword);
  await expect(app.heading(app.words.done)).toBeVisible();
  const notice = await app.newest((each) => each.text.includes('/disavow'));
  return /https?:\/\/[^/\s]+(\/disavow\S*#\S+)/.exec(notice.text)?.[1] ?? '';
}

test('a member who did not change the password voids it from the notice, and is led to recovery @server', async ({
  app,
  elsewhere,
  language,
}) => {
  const words = disavowWords[language];
  const thief = await elsewhere();
  const link = await changeByRecovery(thief);
  await thief.openLogin();
  await thief.signIn(newPassword);
  await thief.seeMember();

  const { page } = app;
  const posted: string[] = [];
  page.on(
    'request',
    (request) => request.method() === 'POST' && posted.push(new URL(request.url()).pathname),
  );
  await page.goto(link);
  await expect(app.button(words.disavow)).toBeVisible();
  await expect(page).toHaveURL(link.replace(/#.*/, ''));
  await inspect(page, 'disavow');
  expect(posted, 'before the button is pressed').toEqual([]);
  await thief.page.reload();
  await thief.seeMember(); // opening the link has ended no session

  await app.button(words.disavow).click();
  await expect(app.heading(words.done)).toBeVisible();
  await inspect(page, 'disavowed');
  await thief.page.reload();
  await expect(thief.heading(thief.words.login)).toBeVisible();
  await thief.signInInVain(newPassword);

  const toRecovery = page.getByRole('main').getByRole('button');
  await expect(toRecovery).toHaveCount(1);
  await toRecovery.click();
  await expect(page).toHaveURL('/recover');

  await page.goto(link);
  await app.button(words.disavow).click();
  await expect(app.heading(words.ended)).toBeVisible();
  await inspect(page, 'disavowed before');
  await page.getByRole('main').getByRole('button').click();
  await expect(app.heading(app.words.recovery)).toBeVisible();
});

test('a link that lost its end leads to recovery', async ({ app, page, language }) => {
  await page.goto('/disavow');
  await expect(app.heading(disavowWords[language].ended)).toBeVisible();
  await expect(app.button(disavowWords[language].disavow)).toBeHidden();
  await inspect(page, 'disavow without a token');
});
