/** Uses the browser's storage, which throws where it is blocked; the app then only forgets. */
export function forgiving<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
