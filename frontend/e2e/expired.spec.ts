import { inspect } from './inspect';
import { expect, test } from './test';

test('only the right temporary password is told that it has expired @real', async ({
  app,
  page,
  member,
  server,
}) => {
  const { temporaryPassword } = await app.askForLetter();
  await server.sql(`UPDATE issuances JOIN members ON members.id = issuances.member_id
      SET issuances.expires_at = UTC_TIMESTAMP(6) WHERE members.login_id = '${member.loginId}'`);

  const answered = page.waitForResponse(/\/redemption$/);
  await app.enter('Wrong2345');
  expect(await (await answered).json()).toMatchObject({ code: 'temporary_password_wrong' });
  await expect(page.getByRole('alert')).toContainText('4');

  const answeredToo = page.waitForResponse(/\/redemption$/);
  await app.enter(temporaryPassword);
  expect(await (await answeredToo).json()).toMatchObject({ code: 'recovery_ended', reason: 'expired' });
  await expect(app.field(app.words.temporaryPassword)).toBeHidden();
  await inspect(page, 'expired');

  await page.getByRole('main').getByRole('button').click();
  await expect(app.field(app.words.loginId)).toHaveValue(member.loginId);
});
