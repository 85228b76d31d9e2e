/**
 * Calls `action` at a time by the device's clock, and whenever the page becomes visible after it; never for NaN. Returns a
 * function that ends this.
 */
export function callAt(time: number, action: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Timers stop while the device sleeps, so the clock is read again when the page becomes visible.
  const check = () => {
    clearTimeout(timer);
    const left = time - Date.now();
    if (left > 0) timer = setTimeout(check, left);
    else if (left <= 0) action();
  };
  document.addEventListener('visibilitychange', check);
  check();
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', check);
  };
}
