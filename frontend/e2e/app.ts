import { expect, type Locator, type Page } from '@playwright/test';
import { words, type Language } from './words';
import type { Member } from './members';
import type { Letter, Server } from './server';

/** The address of a recovery. */
export const recoveryAddress = /\/recover\/[A-Z2-7]{26}$/;

/** The app in one page, used by one member. Each step of a recovery resolves when the next screen is shown. */
export class App {
  readonly words: (typeof words)[Language];

  constructor(
    readonly page: Page,
    readonly server: Server,
    readonly member: Member,
    language: Language,
  ) {
    this.words = words[language];
  }

  /** The app in another page, used by the same member. */
  in(page: Page): App {
    const language = this.words === words.ja ? 'ja' : 'en';
    return new App(page, this.server, this.member, language);
  }

  heading(name: string): Locator {
    return this.page.getByRole('heading', { name, exact: true });
  }

  button(name: string): Locator {
    return this.page.getByRole('main').getByRole('button', { name, exact: true });
  }

  /** The field with this label. The mark of a required field may follow the label. */
  field(label: string): Locator {
    const whole = label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return this.page.getByLabel(new RegExp(`^${whole}\\s*(※必須|\\(required\\))?$`));
  }

  /** Step 1. */
  async openLogin(): Promise<void> {
    await this.page.goto('/');
    await expect(this.heading(this.words.login)).toBeVisible();
  }

  async signIn(password: string, loginId = this.member.loginId): Promise<void> {
    await this.field(this.words.loginId).fill(loginId);
    await this.field(this.words.password).fill(password);
    await this.button(this.words.signIn).click();
  }

  /** Signs in with a wrong password, and asserts that the server refuses it for that reason. */
  async signInInVain(password: string, loginId = this.member.loginId): Promise<void> {
    const answered = this.page.waitForResponse(
      (response) => response.request().method() === 'POST' && response.url().endsWith('/api/session'),
    );
    await this.signIn(password, loginId);
    expect(await (await answered).json()).toMatchObject({ code: 'login_rejected' });
    await expect(this.page.getByRole('alert').locator('a[href="/recover"]')).toBeVisible();
  }

  /**
   * Waits until the member page shows the registered information. The heading alone says nothing about the session: it is shown
   * before the server has answered.
   */
  async seeMember(): Promise<void> {
    await expect(this.heading(this.words.member)).toBeVisible();
    await expect(this.page.locator('.registered')).toContainText(this.member.loginId);
  }

  /** Step 2. */
  async openRecovery(): Promise<void> {
    await this.page.goto('/recover');
    await expect(this.heading(this.words.recovery)).toBeVisible();
  }

  async ask(mailAddress = this.member.mailAddress, loginId = this.member.loginId): Promise<void> {
    await this.field(this.words.loginId).fill(loginId);
    await this.field(this.words.mailAddress).fill(mailAddress);
    await this.button(this.words.send).click();
    await expect(this.page).toHaveURL(recoveryAddress);
    await expect(this.field(this.words.temporaryPassword)).toBeVisible();
  }

  /** Steps 1 to 3: asks for recovery and returns the letter. */
  async askForLetter(): Promise<RecoveryLetter> {
    await this.openRecovery();
    await this.ask();
    return this.letter();
  }

  /** Step 3: waits for the newest letter with a temporary password to this member. */
  async letter(): Promise<RecoveryLetter> {
    return readRecoveryLetter(await this.newest((each) => each.text.includes('【仮パスワード】')));
  }

  /** Waits for a letter to this member for which `wanted` is true, and returns the newest one. */
  async newest(wanted: (letter: Letter) => boolean): Promise<Letter> {
    const found: Letter[] = [];
    const look = async () => {
      const letters = await this.server.letters();
      found.push(...letters.filter((each) => each.to.includes(this.member.mailAddress) && wanted(each)));
      return found.length;
    };
    await expect.poll(look, { message: 'letters to the member', intervals: [100] }).toBeGreaterThan(0);
    return found[0] as Letter;
  }

  /** Step 4. */
  async enter(temporaryPassword: string): Promise<void> {
    await this.field(this.words.temporaryPassword).fill(temporaryPassword);
    await this.button(this.words.goOn).click();
  }

  async redeem(temporaryPassword: string): Promise<void> {
    await this.enter(temporaryPassword);
    await expect(this.heading(this.words.newPasswordHeading)).toBeVisible();
  }

  /** Step 5. */
  async choose(password: string, again = password): Promise<void> {
    await this.field(this.words.newPassword).fill(password);
    await this.field(this.words.newPasswordAgain).fill(again);
    await this.button(this.words.change).click();
  }
}

/** The contents of a letter with a temporary password. */
export interface RecoveryLetter {
  letter: Letter;
  temporaryPassword: string;
  /** The button's address, path and query. */
  link: string;
}

function readRecoveryLetter(letter: Letter): RecoveryLetter {
  const lines = letter.text.split('\n').map((line) => line.trim());
  const temporaryPassword = lines[lines.indexOf('【仮パスワード】') + 1] ?? '';
  const link = /https?:\/\/[^/\s]+(\/recover\/[A-Z2-7]{26}\S*)/.exec(letter.text)?.[1] ?? '';
  return { letter, temporaryPassword, link };
}
