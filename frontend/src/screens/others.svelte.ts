type Screens = typeof import('./rest');

let screens = $state.raw<Screens>();
let failed = $state(false);
let fetching: Promise<void> | undefined;

/** Every screen except login. They are in a chunk of their own, which is loaded later. */
export const others = {
  /** The screens, once they are loaded. */
  get screens() {
    return screens;
  },
  /** Whether loading failed. The next call of `fetch` tries again. */
  get failed() {
    return failed;
  },
  /** Loads the screens once. Resolves when they are loaded or loading has failed. */
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
