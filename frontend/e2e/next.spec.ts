import { expect, test } from './test';

test('sign-in leads to the page that sent the member here, and a live session leads there at once', async ({
  app,
  page,
  member,
}) => {
  await page.goto('/?next=%2Fmember%3Ffrom%3Dwebmail%23top');
  await app.signIn(member.password);
  await expect(page).toHaveURL(/\/member\?from=webmail#top$/);
  await app.seeMember();

  await page.goto('/?next=%2Fapi%2Fsession');
  await expect(page).toHaveURL(/\/api\/session$/);

  await page.goto('/?next=%2F%2Fevil.example%2F');
  await expect(app.heading(app.words.login)).toBeVisible();
  await app.signIn(member.password);
  await expect(page).toHaveURL(/\/member$/);
});
