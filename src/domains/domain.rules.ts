/** Endings under which nobody can prove anything. */
const SPECIAL = ['localhost', 'local', 'internal', 'invalid', 'test', 'example', 'onion', 'arpa', 'home'];

const PROOF = '_projectflow-challenge';
const LONGEST_NAME = 253;

/** Why a domain cannot be anybody's own; null when it can. @param base the domain whose subdomains are slugs */
export function domainProblem(domain: string, base: string): string | null {
  if (domain === base || domain.endsWith(`.${base}`)) return `Addresses below ${base} are given by the slug.`;
  if (`${PROOF}.${domain}`.length > LONGEST_NAME) return 'The name of the record that would prove it is too long.';
  const ending = domain.slice(domain.lastIndexOf('.') + 1);
  return SPECIAL.includes(ending) ? `A domain ending in .${ending} cannot be reached by others.` : null;
}

/** Where the proof is looked for, and what it says. */
export function challengeOf(domain: string, token: string): { name: string; value: string } {
  return { name: `${PROOF}.${domain}`, value: `projectflow-domain-verification=${token}` };
}
