import { normalise } from './normalise';

/**
 * Gives the domain of a typed mail address when it is unlike the example's, else undefined. Domains are alike when they end alike
 * after the first label, which differs from member to member. The page only asks "is this right?": the server alone decides.
 */
export function unlikeDomain(typed: string, example: string): string | undefined {
  const domain = domainOf(typed);
  const ending = domainOf(example).replace(/^[^.]*/, '');
  return domain.endsWith(ending) && domain !== ending ? undefined : domain;
}

function domainOf(address: string): string {
  const normal = normalise(address);
  return normal.slice(normal.indexOf('@') + 1);
}
