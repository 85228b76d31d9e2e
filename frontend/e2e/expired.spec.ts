import { inspect } from './inspect';
import { expect, test } from './test';

const lifetime = 3; // s

test.use({ settings: { TEMPORARY_PASSWORD_LIFETIME: `${String(lifetime)}s` } });

test('an expired temporary password says that it has expired, to who holds it only', async ({
  walk,
  page,
  member,
}) => {
  const { temporaryPassword, letter } = await walk.askForLetter();
  const over = new Date(letter.at).getTime() + (lifetime + 1) * 1000;
  await expect.poll(() => Date.now(), { message: 'the end of its life' }).toBeGreaterThan(over);

  const answered = page.waitForResponse(/\/redemption$/);
  await walk.enter('Wrong2345');
  expect(await (await answered).json()).toMatchObject({ code: 'temporary_password_wrong' });
  await expect(page.getByRole('alert')).toBeVisible();

  const answeredToo = page.waitForResponse(/\/redemption$/);
  await walk.enter(temporaryPassword);
  expect(await (await answeredToo).json()).toMatchObject({ code: 'recovery_ended', reason: 'expired' });
  await expect(walk.field(walk.words.temporaryPassword)).toBeHidden();
  await inspect(page, 'expired');

  await page.getByRole('main').getByRole('button').click();
  await expect(walk.field(walk.words.loginId)).toHaveValue(member.loginId);
});
