import { copyIn, copyOut, countRows } from './copy-streams.ts';
import { copyInStatement, copyOutStatement, openForLoading } from './loading.ts';
import {
  readSequences,
  readTables,
  refuseUnknown,
  type OnTransferProgress,
  type Place,
  type TableShape,
} from './schema-shape.ts';
import type { Snapshot } from './snapshot.ts';

export interface SchemaCopy {
  from: Snapshot;
  /** A schema of the same version in an open transaction, on another connection and maybe another server. It loses its rows. */
  to: Place;
  onProgress?: OnTransferProgress;
}

export interface CopiedTable {
  name: string;
  rows: number;
  /** As text of COPY. */
  bytes: number;
}

/**
 * Streams every row of one schema into another, and the state of its sequences. The caller commits or rolls back both
 * transactions. After a failure the source's connection may be closed: the server cannot be told to stop sending.
 *
 * @throws OperatorError when the two schemas do not have the same tables, columns and sequences
 */
export async function copySchema({ from, to, onProgress = () => undefined }: SchemaCopy): Promise<CopiedTable[]> {
  if (from.client === to.client) throw new Error('a schema is copied from one connection to another, not within one');
  const target = { tables: await readTables(to), sequences: await readSequences(to) };
  refuseUnknown(to.schema, target, from);
  refuseUnknown(from.schema, from, target);
  const loading = await openForLoading(to, target.tables);
  const copied: CopiedTable[] = [];
  for (const table of from.tables) copied.push(await copyTable(from, to, table, onProgress));
  await loading.finish(from.sequences);
  return copied;
}

async function copyTable(
  from: Snapshot,
  to: Place,
  table: TableShape,
  onProgress: OnTransferProgress,
): Promise<CopiedTable> {
  const copied: CopiedTable = { name: table.name, rows: 0, bytes: 0 };
  const rows = copyOut(from.client, copyOutStatement(from.schema, table.name, table.columns));
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of rows) {
      copied.rows += countRows(chunk);
      copied.bytes += chunk.length;
      onProgress({ ...copied, expectedRows: null });
      yield chunk;
    }
  }
  const stored = await copyIn(to.client, copyInStatement(to.schema, table), counted());
  if (stored !== copied.rows) {
    throw new Error(`${copied.rows} rows of table ${table.name} were read, and ${stored} stored`);
  }
  return copied;
}
