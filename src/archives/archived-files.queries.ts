import type { Snapshot } from '../platform/archive/snapshot.ts';
import { qualified } from '../platform/archive/schema-shape.ts';

/** What the files are called that rows of a snapshot refer to. None where its release did not have any. */
export async function listFileKeys({ client, schema, tables }: Snapshot): Promise<string[]> {
  if (!tables.some(({ name }) => name === 'attachments')) return [];
  const { rows } = await client.query<{ key: string; thumbnail: boolean }>(
    `SELECT file_key AS key, has_thumbnail AS thumbnail FROM ${qualified(schema, 'attachments')} WHERE deleted_at IS NULL ORDER BY id`,
  );
  return rows.flatMap(({ key, thumbnail }) => (thumbnail ? [key, `${key}.webp`] : [key]));
}
