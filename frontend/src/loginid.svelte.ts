import { draft } from './draft.svelte';
import { carried, uncarry } from './router.svelte';

/**
 * The login ID that a screen's field shows: the one of the address, until the member types another one; else the one typed
 * last. What is typed is kept for the next screen and replaces the one of the address, so that *back* shows the correction.
 */
export class LoginId {
  private ofAddress = $state(carried().loginId);

  get value(): string {
    return this.ofAddress || draft.loginId;
  }

  set value(typed: string) {
    if (typed === this.value) return;
    this.ofAddress = undefined;
    draft.loginId = typed;
    uncarry('loginId');
  }
}
