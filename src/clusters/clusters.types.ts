import type { SealedColumn } from '../platform/crypto/sealed-column.ts';

/** Addresses with the owner's login; one that was copied to another row does not open. */
export const SEALED_URL = {
  table: 'public.clusters',
  id: 'name',
  column: 'url',
  place: (name: string) => `clusters.url ${name}`,
} satisfies SealedColumn;

export const SEALED_REPLICA_URL = {
  ...SEALED_URL,
  column: 'replica_url',
  place: (name: string) => `clusters.replica ${name}`,
} satisfies SealedColumn;
