import type { SealedColumn } from '../platform/crypto/sealed-column.ts';

export const PROVIDER_KINDS = ['oidc', 'google', 'microsoft', 'github'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/** What it takes to ask a provider about somebody. */
export interface Provider {
  id: string;
  key: string;
  name: string;
  kind: ProviderKind;
  /** Rises with every change. */
  version: number;
  clientId: string;
  /** Null for a client without one. */
  clientSecret: string | null;
  place: ProviderPlace;
  scopes: string[];
  domains: string[];
  createUsers: boolean;
  role: string;
  enforced: boolean;
}

/** Where a provider is asked: an OpenID issuer that says the rest itself, or the addresses of plain OAuth 2 and an API. */
export type ProviderPlace = { issuer: string } | { authorization: string; token: string; user: string; emails: string };

/** What anybody may know before signing in. */
export interface ProviderSummary {
  key: string;
  name: string;
  kind: ProviderKind;
  enforced: boolean;
}

export const SEALED_CLIENT_SECRET = {
  table: 'sign_in_providers',
  id: 'id',
  column: 'client_secret',
  place: (id: string, tenantId: string) => `${tenantId}.sign_in_providers.client_secret.${id}`,
} satisfies SealedColumn;
