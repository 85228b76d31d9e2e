/** Whether a typed text has no visible character: only white space and what `normalise` removes. */
export function isBlank(text: string): boolean {
  return !/[^\s\p{Cf}]/u.test(text);
}
