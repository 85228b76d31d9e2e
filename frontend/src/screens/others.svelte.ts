type Screens = typeof import('./rest');

let screens = $state.raw<Screens>();
let failed = $state(false);
let fetching: Promise<void> | undefined;

/** Every screen but login, which come in a chunk of their own. */
export const others = {
  /** The screens, once they are here. */
  get screens() {
    return screens;
  },
  /** Whether they could not be fetched; a later wish tries again. */
  get failed() {
    return failed;
  },
  /** Fetches them, once. Ends when they are here or have failed. */
  fetch(): Promise<void> {
    return (fetching ??= import('./rest').then(
      (rest) => {
        screens = rest;
        failed = false;
      },
      () => {
        fetching = undefined;
        failed = true;
      },
    ));
  },
};
