/**
 * Keeps the focus in the page: browsers drop it to the body when the element that has it is removed, and whoever uses
 * a keyboard or a screen reader is lost. The heading takes it instead. Gives what stops it.
 */
export function keepFocus(main: HTMLElement): () => void {
  let focused: Element | null = null;
  const note = () => (focused = document.activeElement);
  const observer = new MutationObserver(() => {
    if (focused?.isConnected !== false || document.activeElement !== document.body) return;
    main.querySelector('h1')?.focus({ preventScroll: true });
  });
  main.addEventListener('focusin', note);
  observer.observe(main, { childList: true, subtree: true });
  return () => {
    main.removeEventListener('focusin', note);
    observer.disconnect();
  };
}
