import { fault, type Fault } from '../form.svelte';
import { site } from '../site';
import { passwordWords, sayViolations } from '../words/password';
import { spoken } from '../words/words';
import { generate } from './generate';
import { judge, type Known, type Violation } from './rules';
import { strength, type Strength } from './strength';

/** A new password being typed, twice. */
export class NewPassword {
  password = $state('');
  again = $state('');
  passwordShown = $state(false);
  againShown = $state(false);
  private made = $state('');
  private common = $state('');

  /** Whether the password is the one made here. It stays on show until the change has succeeded: it may still have to be written down. */
  get isMade(): boolean {
    return this.made !== '' && this.made === this.password;
  }

  /** Nothing while nothing is typed. What the server called common is weak. */
  get strength(): Strength | undefined {
    if (!this.password) return undefined;
    return this.password === this.common ? 'weak' : strength(this.password);
  }

  /** Makes one, enters it twice and shows it. */
  make(known: Known): void {
    this.made = generate(site.password, known);
    this.password = this.again = this.made;
    this.passwordShown = this.againShown = true;
  }

  /** The faults that need no server to be found. */
  judge(known: Known): Fault[] {
    if (!this.password) return [fault('new_password', () => spoken(passwordWords).missing)];
    const violations = judge(this.password, site.password, known);
    return [...this.rejected(violations), ...this.differing()];
  }

  /** The fault of a password that breaks rules, all of them in one. */
  rejected(violations: Violation[]): Fault[] {
    if (violations.length === 0) return [];
    if (violations.some((each) => each.code === 'too_common')) this.common = this.password;
    return [{ field: 'new_password', say: () => sayViolations(violations, site.password) }];
  }

  private differing(): Fault[] {
    if (!this.again) return [fault('new_password_again', () => spoken(passwordWords).againMissing)];
    if (this.again !== this.password) {
      return [
        { ...fault('new_password_again', () => spoken(passwordWords).differ), others: ['new_password'] },
      ];
    }
    return [];
  }

  /** Masks both again. */
  hide(): void {
    this.passwordShown = false;
    this.againShown = false;
  }

  /** Forgets both. */
  clear(): void {
    this.password = '';
    this.again = '';
    this.made = '';
    this.common = '';
    this.hide();
  }
}
