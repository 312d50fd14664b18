import type { Grant } from '../platform/access/permissions.ts';

/** What the text of a key says by itself; whether there is such a key, the tenant knows. */
export interface KeyClaims {
  /** The tenant's id. */
  tenant: string;
  hash: Buffer;
}

/** A key that may be used at this moment, as long as its owner may act. */
export interface UsableKey {
  id: string;
  userId: string;
  scopes: Grant[];
  requestsPerMinute: number | null;
}
