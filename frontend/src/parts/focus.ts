/**
 * Moves the focus to the heading when the focused element is removed. Browsers would move it to the body, where users of a
 * keyboard or a screen reader lose their place. Returns a function that stops it.
 */
export function keepFocus(main: HTMLElement): () => void {
  let focused: Element | null = null;
  const remember = () => (focused = document.activeElement);
  const observer = new MutationObserver(() => {
    if (focused?.isConnected !== false || document.activeElement !== document.body) return;
    main.querySelector('h1')?.focus({ preventScroll: true });
  });
  main.addEventListener('focusin', remember);
  observer.observe(main, { childList: true, subtree: true });
  return () => {
    main.removeEventListener('focusin', remember);
    observer.disconnect();
  };
}
