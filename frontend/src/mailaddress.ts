import { normalise } from './normalise';

/**
 * Gives the domain of a typed mail address when it is unlike the example's: when it does not end as the
 * example does after its first label, which is each member's own. Only for asking "is this right?": the
 * server alone judges addresses.
 */
export function looksUnlike(typed: string, example: string): string | undefined {
  const domain = domainOf(typed);
  const shared = domainOf(example).replace(/^[^.]*/, '');
  return domain.endsWith(shared) && domain !== shared ? undefined : domain;
}

function domainOf(address: string): string {
  const normal = normalise(address);
  return normal.slice(normal.indexOf('@') + 1);
}
