import { screen } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';

/** The labels of the app's fields, in Japanese. */
export const labels = {
  loginId: 'ログインID',
  password: 'パスワード',
  mailAddress: '基本メールアドレス',
  temporaryPassword: '仮パスワード',
  currentPassword: '現在のパスワード',
  newPassword: '新しい会員サポートパスワード',
  newPasswordAgain: '新しい会員サポートパスワード（確認）',
};

/** Waits for a field. */
export const field = (label: string) => screen.findByLabelText<HTMLInputElement>(label);

/** Waits for a button. */
export const button = (name: string) => screen.findByRole('button', { name });

/** Waits for a page with this heading. */
export const heading = (name: string) => screen.findByRole('heading', { level: 1, name });

/** The part of the page that the current screen fills. */
export const main = () => screen.getByRole('main');

/** Waits for a dead end of a recovery, and returns the first line below its heading. */
export async function firstLineOfDeadEnd() {
  const title = await screen.findByRole('heading', { name: 'この手続きは続けられません' });
  return title.closest('.notice')?.querySelector('p')?.textContent;
}

/** Signs in at login as the member abcd. */
export async function signIn(user: UserEvent): Promise<void> {
  await user.type(await field(labels.loginId), 'abcd');
  await user.type(await field(labels.password), 'Demo-pass9');
  await user.click(await button('ログイン'));
}

/** Asks for recovery on step 2 as the member abcd. */
export async function askForRecovery(user: UserEvent): Promise<void> {
  await user.type(await field(labels.loginId), 'abcd');
  await user.type(await field(labels.mailAddress), 'abcd@xxx.mm-m.ne.jp');
  await user.click(await button('送信'));
}

/** Enters a temporary password on step 4. */
export async function enterTemporaryPassword(user: UserEvent, typed: string): Promise<void> {
  await user.type(await field(labels.temporaryPassword), typed);
  await user.click(await button('ログイン'));
}

/** Enters a new password twice on an empty form, and submits it. */
export async function setNewPassword(user: UserEvent, password = 'Tanuki7Kettle'): Promise<void> {
  await user.type(await field(labels.newPassword), password);
  await user.type(await field(labels.newPasswordAgain), password);
  await user.click(await button('変更する'));
}

/** Changes the password on the member page. */
export async function changePassword(user: UserEvent): Promise<void> {
  await user.type(await field(labels.currentPassword), 'Demo-pass9');
  await setNewPassword(user);
}

/** Tells the page that the device's clock shows another time, as a device does that wakes up. */
export function wakeUp(): void {
  document.dispatchEvent(new Event('visibilitychange'));
}
