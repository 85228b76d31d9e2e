import { tick } from 'svelte';
import type { Problem } from './api/client';
import { sayProblemOfForm } from './words/problem';

/** One thing that keeps a form from going on: the field's id, when it is a field's, and the sentences. */
export interface Fault {
  field?: string;
  /** Other fields that it is about: they are marked too, and a change of theirs removes it. */
  others?: string[];
  /** Speaks anew when the language is switched. */
  say: () => string[];
}

/** A fault of one field with one sentence. */
export function fault(field: string, sentence: () => string): Fault {
  return { field, say: () => [sentence()] };
}

/** A fault that is no field's: nothing typed caused it. `say` is `sayProblem` where nothing is typed. */
export function faultOf(problem: Problem, say = sayProblemOfForm): Fault {
  return { say: () => [say(problem)] };
}

function isAbout({ field, others = [] }: Fault, name: string): boolean {
  return field === name || others.includes(name);
}

/** A form's state: its faults, and whether its deed is under way. */
export class Form {
  faults = $state<Fault[]>([]);
  busy = $state(false);
  /** Where the focus goes when there are faults. */
  summary = $state<HTMLElement>();
  /** Raised by `reset`: the faults of a deed that began before are dropped. */
  private round = 0;

  /**
   * Does the form's deed, which gives the faults it found. Called again while it is under way, it does
   * nothing: a double click must not ask twice.
   */
  async submit(deed: () => Promise<Fault[]>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const { round } = this;
    try {
      const faults = await deed();
      if (round === this.round) this.faults = faults;
    } finally {
      if (round === this.round) this.busy = false;
    }
    if (round !== this.round || this.faults.length === 0) return;
    await tick();
    this.summary?.focus();
  }

  /** Begins anew: without faults, and without those of a deed that is still under way. */
  reset(): void {
    this.round++;
    this.faults = [];
    this.busy = false;
  }

  /** Whether some fault is about a field. */
  blames(field: string): boolean {
    return this.faults.some((each) => isAbout(each, field));
  }

  /** Drops the faults that are about a field, because its value has changed since. */
  changed(field: string): void {
    this.faults = this.faults.filter((each) => !isAbout(each, field));
  }

  /** The sentences to stand beside a field. */
  of(field: string): string[] {
    return this.faults.filter((each) => each.field === field).flatMap((each) => each.say());
  }
}
