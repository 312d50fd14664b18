import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from, to } from 'pg-copy-streams';

const NEWLINE = 0x0a;

/**
 * Rows of a `COPY ... TO STDOUT` as they come, no faster than they are taken. Whoever stops before the end loses the
 * connection: nothing else makes the server stop sending.
 */
export async function* copyOut(client: pg.ClientBase, statement: string): AsyncGenerator<Buffer, void, undefined> {
  const stream = client.query(to(statement));
  // Told to the loop below; after it has ended there is nobody to tell, and it would end the process.
  stream.on('error', () => undefined);
  let over = false;
  try {
    for await (const chunk of stream) yield chunk as Buffer;
    over = true;
  } catch (error) {
    // The server's own error ends the COPY, and the connection is as good as before.
    over = true;
    throw error;
  } finally {
    if (!over) await (client as pg.Client).end();
  }
}

/** Feeds a `COPY ... FROM STDIN`, no faster than the server takes it. Gives the number of rows that the server stored. */
export async function copyIn(
  client: pg.ClientBase,
  statement: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<number> {
  const stream = client.query(from(statement));
  await pipeline(chunks, stream);
  return stream.rowCount;
}

/** Rows that end in this piece: COPY writes a newline inside a value as backslash and n. */
export function countRows(chunk: Uint8Array): number {
  let rows = 0;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) rows += 1;
  return rows;
}
