import 'svelte/elements';

declare module 'svelte/elements' {
  interface HTMLInputAttributes {
    /** What a new password needs, for password managers (Apple; not yet in the HTML standard). */
    passwordrules?: string | undefined;
  }
}
