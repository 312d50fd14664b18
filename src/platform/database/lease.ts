import type { Writable } from 'node:stream';
import type pg from 'pg';
import { BoundQuery, openingOf, type Opening } from './bound-query.ts';
import { LeaseOver, StatementRefused, TransactionNotCommitted } from './database.errors.ts';
import { bindSchema, transactionWord } from './statement-guard.ts';

/** Where a tenant lives: its cluster, its schema there, the role that may enter it, and the home whose connections carry its work. */
export interface TenantBinding {
  cluster: string;
  schema: string;
  /** Null only with TENANT_ROLES=off: then the schema replacement is the one key that is left. */
  role: string | null;
  home: number;
}

/** A client taken from a home, and the way back. `broken` destroys it instead of pooling it. */
export interface BorrowedClient {
  client: pg.Client;
  giveBack: (broken: boolean) => void;
}

type State = 'idle' | 'in transaction' | 'over' | 'released';

/**
 * One query runner's hold on one connection: the only way from a tenant's code to the wire.
 *
 * - Takes a connection at the first statement, so that initialising a handle asks the server nothing.
 * - A single statement travels with BEGIN, SET LOCAL ROLE and COMMIT, sent in one go and answered at once. A failed bind
 *   aborts what follows it, so nothing can run as another tenant; awaiting the bind first would cost a round trip.
 * - One lease carries at most one transaction and refuses everything once COMMIT or ROLLBACK has begun: otherwise the
 *   late sibling of a failed `Promise.all` would write outside the transaction that was rolled back.
 * - The connection returns to its pool only when nothing is in flight and the server reported "idle"; else it is destroyed.
 */
export class Lease {
  #state: State = 'idle';
  #borrowed: Promise<BorrowedClient> | null = null;
  #inFlight = 0;
  #broken = false;
  /** Said to be opened, and not on its way yet: it goes out with the first statement. */
  #toStart = false;
  #start: Promise<unknown> | null = null;
  #alones: Promise<pg.QueryResult> | null = null;

  constructor(
    private readonly binding: TenantBinding,
    private readonly borrow: () => Promise<BorrowedClient>,
  ) {}

  async query(text: unknown, parameters?: unknown[]): Promise<pg.QueryResult> {
    if (typeof text !== 'string') {
      throw new StatementRefused('streams and cursors bypass the bind to the tenant; page through the rows instead');
    }
    if (this.#state === 'released') throw new LeaseOver('The query runner was released; take a new one.');
    if (this.#state === 'over') throw new LeaseOver("The query runner's transaction is over; take a new one.");
    const word = transactionWord(text);
    // Checked before a connection is taken: a refused statement costs nobody anything.
    const bound = word ? text : bindSchema(text, this.binding.schema);
    if (word === 'start') this.#state = 'in transaction';
    if (word === 'commit' || word === 'rollback') this.#state = 'over';
    this.#inFlight += 1;
    try {
      const { client } = await this.#client();
      if (word === 'start') return this.#startTransaction();
      if (word) return await this.#controlTransaction(client, text, word === 'commit');
      const statement = { text: bound, values: parameters };
      return await (this.#toStart || this.#start
        ? this.#inTransaction(client, statement)
        : this.#alone(client, statement));
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Gives the connection back. Never throws: whatever is in doubt is destroyed instead. */
  release(error?: unknown): void {
    if (this.#state === 'released') return;
    // Of a transaction that was only begun the server may not have reported yet: it would still pass for idle.
    const inDoubt = Boolean(error) || this.#inFlight > 0 || this.#state === 'in transaction';
    this.#state = 'released';
    void this.#borrowed?.then(
      ({ client, giveBack }) => giveBack(inDoubt || this.#broken || client.getTransactionStatus() !== 'I'),
      () => undefined,
    );
  }

  /** TypeORM listens for connection errors; the homes already do, for the life of every client. */
  on(): this {
    return this;
  }

  removeListener(): this {
    return this;
  }

  #client(): Promise<BorrowedClient> {
    return (this.#borrowed ??= this.borrow());
  }

  /** What gives the transaction its tenant. */
  get #bind(): string[] {
    return this.binding.role === null ? [] : [`SET LOCAL ROLE "${this.binding.role}"`];
  }

  get #opening(): Opening {
    let opening = openings.get(this.binding);
    if (!opening) openings.set(this.binding, (opening = openingOf(['BEGIN', ...this.#bind])));
    return opening;
  }

  /** After what was asked before: behind a statement that failed, its transaction is open until it was rolled back. */
  #alone(client: pg.Client, statement: pg.QueryConfig): Promise<pg.QueryResult> {
    const send = () => this.#inOwnTransaction(client, statement);
    return (this.#alones = this.#alones?.then(send, send) ?? send());
  }

  async #inOwnTransaction(client: pg.Client, statement: pg.QueryConfig): Promise<pg.QueryResult> {
    try {
      return await answerOf(client, statement, this.#opening);
    } catch (error) {
      const failure = this.#failure(error);
      if (!this.#broken) await client.query('ROLLBACK').catch(() => (this.#broken = true));
      throw failure;
    }
  }

  #startTransaction(): pg.QueryResult {
    this.#toStart = true;
    return { command: 'START', rowCount: null, oid: 0, rows: [], fields: [] };
  }

  async #inTransaction(client: pg.Client, statement: pg.QueryConfig): Promise<pg.QueryResult> {
    const [start, answer] = await Promise.allSettled(
      this.#started(client, () => client.query({ ...statement, queryMode: 'extended' } as pg.QueryConfig)),
    );
    if (start.status === 'rejected') throw this.#failure(start.reason);
    if (answer.status === 'rejected') throw this.#failure(answer.reason);
    return answer.value;
  }

  /** Not awaited before what follows it, which reports a failed bind in its own place. */
  #started(client: pg.Client, send: () => Promise<pg.QueryResult>): [Promise<unknown>, Promise<pg.QueryResult>] {
    if (!this.#toStart) return [Promise.resolve(this.#start), send()];
    this.#toStart = false;
    return inOneWrite(client, () => {
      this.#start = client.query(['START TRANSACTION', ...this.#bind].join('; '));
      this.#start.catch(() => undefined);
      return [this.#start, send()];
    });
  }

  async #controlTransaction(client: pg.Client, text: string, commits: boolean): Promise<pg.QueryResult> {
    const [start, answer] = await Promise.allSettled(this.#started(client, () => client.query(text)));
    if (start.status === 'rejected' && commits) throw this.#failure(start.reason);
    if (answer.status === 'rejected') throw this.#failure(answer.reason);
    if (commits && answer.value.command === 'ROLLBACK') throw new TransactionNotCommitted();
    return answer.value;
  }

  /** An error without an SQLSTATE came from the connection, not from the statement. */
  #failure(error: unknown): unknown {
    if (!(error instanceof Error && 'severity' in error)) this.#broken = true;
    if (typeof error === 'object' && error !== null) failedIn.set(error, this.binding);
    return error;
  }
}

/** Where a statement failed: what its error means depends on what has become of that place. */
const failedIn = new WeakMap<object, TenantBinding>();

/** The place of the tenant whose statement threw this; null when none did. */
export function placeOfFailure(error: unknown): TenantBinding | null {
  return typeof error === 'object' && error !== null ? (failedIn.get(error) ?? null) : null;
}

/** They are the same for all of a tenant's statements, and there are many. */
const openings = new WeakMap<TenantBinding, Opening>();

function answerOf(client: pg.Client, statement: pg.QueryConfig, opening: Opening): Promise<pg.QueryResult> {
  return new Promise((resolve, reject) => {
    const query = new BoundQuery(statement, opening, (error, result) => (error ? reject(error) : resolve(result)));
    client.query(query as never);
  });
}

/** Sends what `send` queries in one system call; each write of its own would cost about as much as parsing the answer. */
function inOneWrite<T>(client: pg.Client, send: () => T): T {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}
