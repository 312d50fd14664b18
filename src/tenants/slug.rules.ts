/** Names that would be taken for a part of the product, of its infrastructure or of the mail system. */
const RESERVED = new Set(
  `about abuse account accounts admin administrator api app apps assets auth billing blog cdn console dashboard demo-api
   dev developer developers docs domains download email events ftp git graphql health help hostmaster imap info internal
   invitations jobs legal localhost login logout mail metrics mobile news noc null ns ns1 ns2 oauth onboarding operator
   owner platform pop pop3 postmaster press pricing privacy projectflow proxy public realtime register registry root
   sales security settings signin signup site smtp sso staging static status store support system team tenant tenants
   terms test undefined users vpn webhooks webmaster wiki www www1 www2`.split(/\s+/),
);

export const SLUG_PATTERN = /^[a-z0-9](?:[a-z0-9-]{1,48}[a-z0-9])$/;
export const SLUG_RULE = 'A slug has 3 to 50 characters: a to z, 0 to 9 and hyphens inside.';

export type SlugProblem = 'invalid' | 'reserved';

/** What is wrong with a slug before anybody is asked whether it is taken; null when nothing is. */
export function slugProblem(slug: string): SlugProblem | null {
  // `xn--` marks an encoded international name, which can look like another organisation's.
  if (!SLUG_PATTERN.test(slug) || slug.startsWith('xn--')) return 'invalid';
  return RESERVED.has(slug) ? 'reserved' : null;
}
