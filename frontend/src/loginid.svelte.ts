import { callAt } from './clock';
import { draft } from './draft.svelte';
import { carried, endOf, uncarry } from './router.svelte';

/**
 * The login ID in a screen's field: the one that the history entry carries, until the member types another one. Without one in
 * the entry it is the one that was typed last. A typed login ID is kept for the next screen and replaces that of the entry, so
 * that *back* shows the correction. The login ID of a completed recovery disappears when its time is over.
 */
export class LoginId {
  private ofEntry = $state(carried().loginId);

  constructor() {
    $effect(() => callAt(endOf(carried()), () => (this.ofEntry = carried().loginId)));
  }

  get value(): string {
    return this.ofEntry || draft.loginId;
  }

  set value(typed: string) {
    if (typed === this.value) return;
    this.ofEntry = undefined;
    draft.loginId = typed;
    uncarry('loginId');
  }
}
