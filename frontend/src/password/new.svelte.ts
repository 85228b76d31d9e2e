import { fault, type Fault } from '../form.svelte';
import { site } from '../site';
import { passwordWords, sayViolations } from '../words/password';
import { localized } from '../words/words';
import { generate } from './generate';
import { judge, type Known, type Violation } from './rules';
import { strength, type Strength } from './strength';

/** The new password, as it is typed into two fields. */
export class NewPassword {
  password = $state('');
  again = $state('');
  passwordShown = $state(false);
  againShown = $state(false);
  /** The generated password. */
  private made = $state('');
  /** The password that the server called common. */
  private common = $state('');

  /** Whether the password is the generated one. That one stays visible until the change has succeeded: the member may still have to write it down. */
  get isMade(): boolean {
    return this.made !== '' && this.made === this.password;
  }

  /** Undefined for an empty password. A password that the server called common is weak. */
  get strength(): Strength | undefined {
    if (!this.password) return undefined;
    return this.password === this.common ? 'weak' : strength(this.password);
  }

  /** Generates a password, enters it into both fields and shows it there. */
  make(known: Known): void {
    this.made = generate(site.password, known);
    this.password = this.again = this.made;
    this.passwordShown = this.againShown = true;
  }

  /** The faults that can be found without the server. */
  judge(known: Known): Fault[] {
    if (!this.password) return [fault('new_password', () => localized(passwordWords).missing)];
    const violations = judge(this.password, site.password, known);
    return [...this.rejected(violations), ...this.differing()];
  }

  /** Gives one fault for all rules that the password breaks, none when it breaks none. Remembers a password that is too common. */
  rejected(violations: Violation[]): Fault[] {
    if (violations.length === 0) return [];
    if (violations.some((each) => each.code === 'too_common')) this.common = this.password;
    return [{ field: 'new_password', say: () => sayViolations(violations, site.password) }];
  }

  private differing(): Fault[] {
    if (!this.again) return [fault('new_password_again', () => localized(passwordWords).againMissing)];
    if (this.again !== this.password) {
      return [
        { ...fault('new_password_again', () => localized(passwordWords).differ), others: ['new_password'] },
      ];
    }
    return [];
  }

  /** Masks both fields. */
  hide(): void {
    this.passwordShown = false;
    this.againShown = false;
  }

  /** Empties both fields and forgets the generated password. */
  clear(): void {
    this.password = '';
    this.again = '';
    this.made = '';
    this.common = '';
    this.hide();
  }
}
