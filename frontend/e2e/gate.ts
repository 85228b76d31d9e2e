/** Delays something until a test opens the gate. */
export interface Gate {
  opened: Promise<void>;
  open: () => void;
}

/** A closed gate. */
export function gate(): Gate {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
