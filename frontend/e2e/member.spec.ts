import { inspect } from './inspect';
import { expect, test } from './test';
import { memberWords } from './words';

const newPassword = 'Asa-no-tsuki3';

test.beforeEach(async ({ app, page }) => {
  await app.openLogin();
  await app.signIn(app.member.password);
  await expect(page).toHaveURL('/member');
  await app.seeMember();
});

test('the mail address is masked until its button is pressed @server', async ({ page, member }) => {
  const main = page.getByRole('main');
  await expect(main).not.toContainText(member.mailAddress);
  await page.locator('.registered').getByRole('button').click();
  await expect(main).toContainText(member.mailAddress);
  await inspect(page, 'registered information, revealed');
});

test('signing out has a gap to the heading on every phone, also in English', async ({ page }) => {
  await page.getByRole('button', { name: 'English' }).click();
  const box = async (selector: string) => (await page.locator(selector).boundingBox())!;
  for (const width of [320, 360, 390, 412, 430]) {
    await page.setViewportSize({ width, height: 844 });
    const [heading, text, button] = [
      await box('.title h1'),
      await box('.title .phrase'),
      await box('.title button'),
    ];
    const beside = button.x - text.x - text.width;
    const below = button.y - heading.y - heading.height;
    expect(Math.max(beside, below), `pixels between them at ${String(width)}`).toBeGreaterThanOrEqual(8);
  }
});

test('the password is changed with the current one, and only the new one then signs in @server', async ({
  app,
  page,
  language,
  elsewhere,
}) => {
  const words = memberWords[language];
  const other = await elsewhere();
  await other.openLogin();
  await other.signIn(app.member.password);
  await other.seeMember();

  await app.button(words.openChange).click();
  await inspect(page, 'change password');
  await app.field(words.current).fill('Not-my-pass1');
  const answered = page.waitForResponse('**/api/member/password');
  await app.choose(newPassword);
  expect(await (await answered).json()).toMatchObject({ code: 'current_password_wrong' });
  await expect(page.getByRole('alert')).toBeVisible();
  await inspect(page, 'change password, current one wrong');

  await app.field(words.current).fill(app.member.password);
  await app.choose(newPassword);
  await expect(app.field(words.current)).toBeHidden();
  await inspect(page, 'password changed');
  await page.reload();
  await app.seeMember();

  await other.page.reload();
  await expect(other.heading(other.words.login)).toBeVisible();
  await other.signInInVain(app.member.password);
  await other.signIn(newPassword);
  await other.seeMember();
});

test('recovery ends the sessions of the old password @server', async ({ app, page, elsewhere }) => {
  const other = await elsewhere();
  const { temporaryPassword } = await other.askForLetter();
  await other.redeem(temporaryPassword);
  await page.reload();
  await app.seeMember(); // redeeming has ended no session

  await other.choose(newPassword);
  await expect(other.heading(other.words.done)).toBeVisible();
  await page.reload();
  await expect(app.heading(app.words.login)).toBeVisible();
});

test('signing out everywhere else ends the session of another browser and keeps this one @server', async ({
  app,
  page,
  language,
  elsewhere,
}) => {
  const words = memberWords[language];
  const other = await elsewhere();
  await other.openLogin();
  await other.signIn(app.member.password);
  await other.seeMember();

  await page.reload();
  const listed = page.locator('.sessions li');
  await expect(listed).toHaveCount(2);
  await expect(listed.filter({ hasText: words.thisBrowser })).toHaveCount(1);
  await inspect(page, 'signed in elsewhere too');
  await app.button(words.signOutElsewhere).click();
  await expect(page.getByText(words.signedOutElsewhere)).toBeVisible();
  await expect(listed).toHaveCount(1);
  await expect(listed).toContainText(words.thisBrowser);
  await inspect(page, 'signed out everywhere else');

  await other.page.reload();
  await expect(other.heading(other.words.login)).toBeVisible();
  await page.reload();
  await app.seeMember();
});

test('after signing out, neither back nor the address shows the member page @server', async ({
  app,
  page,
  language,
}) => {
  await app.button(memberWords[language].signOut).click();
  await expect(app.heading(app.words.login)).toBeVisible();
  await inspect(page, 'signed out');

  const asked: string[] = [];
  await page.goto('/member');
  await expect(app.heading(app.words.login)).toBeVisible();
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  // Both entries before have the address /: one from signing out, one from the beginning.
  for (const visited of ['after signing out', 'at first']) {
    await page.goBack();
    await expect(page, visited).toHaveURL('/');
    await expect(app.heading(app.words.login), visited).toBeVisible();
  }
  expect(asked, 'the member page is not requested').not.toContain('/api/member');
});
