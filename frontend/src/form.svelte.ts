import type { Problem } from './api/client';
import { sayProblemOfForm } from './words/problem';

/** The fields of all forms: each is the `id` and the `name` of an input. */
export type FieldName =
  | 'login_id'
  | 'password'
  | 'mail_address'
  | 'temporary_password'
  | 'current_password'
  | 'new_password'
  | 'new_password_again';

/** A reason why a form was not accepted, for the error summary and for its field. */
export interface Fault {
  /** Missing when no field is at fault. */
  field?: FieldName;
  /** Further fields that are at fault: they are marked too, and a change of one removes the fault. */
  others?: FieldName[];
  /** Gives the sentences in the present language. */
  say: () => string[];
}

/** A fault of one field with one sentence. */
export function fault(field: FieldName, sentence: () => string): Fault {
  return { field, say: () => [sentence()] };
}

/** The fault for a problem that no field caused. Forms without fields pass `sayProblem` as `say`. */
export function faultOf(problem: Problem, say = sayProblemOfForm): Fault {
  return { say: () => [say(problem)] };
}

function isAbout({ field, others = [] }: Fault, name: FieldName): boolean {
  return field === name || others.includes(name);
}

/** What submitting a form does. It gives the faults that it found; none means success. */
export type Action = () => Promise<Fault[]>;

/** The state of a form: its faults, and whether its action is running. */
export class Form {
  faults = $state<Fault[]>([]);
  busy = $state(false);
  /** How many times the action gave faults. The error summary takes the focus each time. */
  rejections = $state(0);
  /** How many times the form was reset. The faults of an action that began before the last reset are dropped. */
  private resets = 0;

  /** Runs the action, unless it is running already: a double click must not send a request twice. */
  async submit(action: Action): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const { resets } = this;
    try {
      const faults = await action();
      if (resets !== this.resets) return;
      this.faults = faults;
      if (faults.length) this.rejections++;
    } finally {
      if (resets === this.resets) this.busy = false;
    }
  }

  /** The handler of the `submit` event that runs the action. */
  handler(action: Action) {
    return (event: Event) => {
      event.preventDefault();
      void this.submit(action);
    };
  }

  /** Removes all faults, and drops those of an action that is still running. */
  reset(): void {
    this.resets++;
    this.faults = [];
    this.busy = false;
  }

  /** Whether a field is at fault. */
  isAtFault(field: FieldName): boolean {
    return this.faults.some((each) => isAbout(each, field));
  }

  /** Removes the faults of a field, because its value has changed. */
  changed(field: FieldName): void {
    this.faults = this.faults.filter((each) => !isAbout(each, field));
  }

  /** The sentences to show beside a field. */
  sentences(field: FieldName): string[] {
    return this.faults.filter((each) => each.field === field).flatMap((each) => each.say());
  }
}
