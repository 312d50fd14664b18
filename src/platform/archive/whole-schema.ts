import { OperatorError } from '../errors/app-error.ts';
import type { SchemaManager } from '../database/schema-manager.ts';
import { readTables } from './schema-shape.ts';
import type { Snapshot } from './snapshot.ts';

const SHOWN = 5;

/** Tables and columns (`table` or `table.column`) of each version; they never change. */
const known = new WeakMap<SchemaManager, Map<number, Promise<string[]>>>();

/**
 * Refuses to copy a damaged schema: the copy would lack what the schema lacks, without a sign of it until it is needed.
 *
 * @throws OperatorError naming tables or columns that its version has and the snapshot lacks
 */
export async function assertWhole(schemas: SchemaManager, cluster: string, snapshot: Snapshot): Promise<void> {
  const there = new Set(namesOf(snapshot.tables));
  const missing = (await wantedAt(schemas, cluster, snapshot.schemaVersion)).filter((name) => !there.has(name));
  // Of a table that is gone its columns are, too.
  const named = missing.filter((name) => !missing.includes(name.split('.', 1)[0]!) || !name.includes('.'));
  if (named.length === 0) return;
  const more = named.length > SHOWN ? ` and ${named.length - SHOWN} more` : '';
  throw new OperatorError(
    `The schema ${snapshot.schema} is damaged: it lacks ${named.slice(0, SHOWN).join(', ')}${more}. A copy would lack them as well, so none was made. ` +
      'Put back the newest backup that is whole: projectflow tenant restore <slug> --from <file>',
  );
}

function wantedAt(schemas: SchemaManager, cluster: string, version: number): Promise<string[]> {
  const versions = known.get(schemas) ?? new Map<number, Promise<string[]>>();
  known.set(schemas, versions);
  let wanted = versions.get(version);
  if (!wanted) {
    wanted = schemas.withReference(cluster, version, async (client, schema) =>
      namesOf(await readTables({ client, schema })),
    );
    versions.set(version, wanted);
    wanted.catch(() => versions.delete(version));
  }
  return wanted;
}

function namesOf(tables: Snapshot['tables']): string[] {
  return tables.flatMap(({ name, columns }) => [name, ...columns.map((column) => `${name}.${column}`)]);
}
