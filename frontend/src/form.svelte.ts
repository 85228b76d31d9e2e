import { tick } from 'svelte';
import type { Problem } from './api/client';
import { sayProblemOfForm } from './words/problem';

/** One thing that keeps a form from going on: the field's id, when it is a field's, and the sentences. */
export interface Fault {
  field?: string;
  /** Speaks anew when the language is switched. */
  say: () => string[];
}

/** A fault of one field with one sentence. */
export function fault(field: string, sentence: () => string): Fault {
  return { field, say: () => [sentence()] };
}

/** A fault that is no field's: nothing typed caused it. */
export function faultOf(problem: Problem): Fault {
  return { say: () => [sayProblemOfForm(problem)] };
}

/** A form's state: its faults, and whether its deed is under way. */
export class Form {
  faults = $state<Fault[]>([]);
  busy = $state(false);
  /** Where the focus goes when there are faults. */
  summary = $state<HTMLElement>();

  /**
   * Does the form's deed, which gives the faults it found. Called again while it is under way, it does
   * nothing: a double click must not ask twice.
   */
  async submit(deed: () => Promise<Fault[]>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      this.faults = await deed();
    } finally {
      this.busy = false;
    }
    if (this.faults.length === 0) return;
    await tick();
    this.summary?.focus();
  }

  /** The sentences to stand beside a field. */
  of(field: string): string[] {
    return this.faults.filter((each) => each.field === field).flatMap((each) => each.say());
  }
}
