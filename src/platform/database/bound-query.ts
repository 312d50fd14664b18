import type { Writable } from 'node:stream';
import pg from 'pg';

/** The parts of pg's own query that put it on the wire and take its answer in; its types do not tell of them. */
interface PgQuery {
  prepare(connection: Connection): void;
  _getRows(connection: Connection): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
}

interface Connection {
  stream: Writable;
  execute(portal: { portal: string }): void;
}

type Answered = (error: Error | undefined, result: pg.QueryResult) => void;

const PgQuery = pg.Query as unknown as new (text: string, values: unknown[] | undefined, answered: Answered) => PgQuery;

/**
 * A statement in a transaction of its own, bound to a role: BEGIN, SET LOCAL ROLE, the statement and COMMIT under one Sync.
 * So it is one write, and the server answers once; as messages of their own, each would be flushed and read apart.
 *
 * After an error the server skips everything up to the Sync: what follows a failed bind is never run. The transaction is
 * then still open, and for the caller to roll back.
 */
export class BoundQuery extends PgQuery {
  /** Not as text alone, which the server would take for several statements; it is how pg calls it. */
  readonly queryMode = 'extended';
  #completed = 0;

  /** @param opening of the transaction: what `openingOf` gave */
  constructor(
    query: pg.QueryConfig,
    readonly opening: Opening,
    answered: Answered,
  ) {
    super(query.text, query.values as unknown[] | undefined, answered);
  }

  override prepare(connection: Connection): void {
    write(connection, this.opening.messages);
    super.prepare(connection);
  }

  override _getRows(connection: Connection): void {
    connection.execute({ portal: '' });
    write(connection, COMMIT_AND_SYNC);
  }

  // eslint-disable-next-line no-restricted-syntax -- the driver's name for it
  override handleCommandComplete(message: unknown, connection: Connection): void {
    this.#completed += 1;
    // The others' are BEGIN, SET and COMMIT.
    if (this.#completed === this.opening.commands.length + 1) super.handleCommandComplete(message, connection);
  }
}

/** What opens a transaction, as it goes over the wire. */
export interface Opening {
  commands: string[];
  messages: Buffer;
}

export function openingOf(commands: string[]): Opening {
  return { commands, messages: Buffer.concat(commands.map(messagesOf)) };
}

/** Parse, Bind and Execute of a command that has no parameters and gives no rows (PostgreSQL, 54.7 Message Formats). */
function messagesOf(command: string): Buffer {
  const [name, none, allRows] = ['\0', '\0\0', '\0\0\0\0'];
  return Buffer.concat([
    message('P', name + command + '\0' + none),
    message('B', name + name + none + none + none),
    message('E', name + allRows),
  ]);
}

function message(type: string, body: string): Buffer {
  const content = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

const COMMIT_AND_SYNC = Buffer.concat([messagesOf('COMMIT'), message('S', '')]);

function write({ stream }: Connection, messages: Buffer): void {
  if (stream.writable) stream.write(messages);
}
