import { fault, type Fault } from '../form.svelte';
import { site } from '../site';
import { passwordWords, sayViolations } from '../words/password';
import { spoken } from '../words/words';
import { judge, type Known, type Violation } from './rules';

/** A new password being typed, twice. */
export class NewPassword {
  password = $state('');
  again = $state('');
  passwordShown = $state(false);
  againShown = $state(false);

  /** The faults that need no server to be found. */
  judge(known: Known): Fault[] {
    if (!this.password) return [fault('new_password', () => spoken(passwordWords).missing)];
    const violations = judge(this.password, site.password, known);
    return [...this.rejected(violations), ...this.differing()];
  }

  /** The fault of a password that breaks rules, all of them in one. */
  rejected(violations: Violation[]): Fault[] {
    if (violations.length === 0) return [];
    return [{ field: 'new_password', say: () => sayViolations(violations, site.password) }];
  }

  private differing(): Fault[] {
    if (!this.again) return [fault('new_password_again', () => spoken(passwordWords).againMissing)];
    if (this.again !== this.password) {
      return [fault('new_password_again', () => spoken(passwordWords).differ)];
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
    this.hide();
  }
}
