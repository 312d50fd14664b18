import type { Logger } from 'pino';
import pg from 'pg';
import { columnTypes } from './column-types.ts';
import { DatabaseBusy } from './database.errors.ts';
import type { BorrowedClient } from './lease.ts';

export interface HomeLimits {
  /** Connections of one home. */
  size: number;
  /** How many of them one tenant may hold at a time; all but one, so that a neighbour finds one however busy it is. */
  share?: number;
  /** Borrowings of one tenant that may wait; more are turned away at once. */
  queue?: number;
  /** Milliseconds from asking to having a connection, before the caller hears "busy". */
  patience?: number;
  /** Loans after which a connection is replaced: each backend keeps catalogue entries of every tenant it served. */
  recycleAfter?: number;
}

const DEFAULTS = { queue: 200, patience: 2_000, recycleAfter: 10_000 };
const IDLE_MS = 30_000;

/** Behind the server's own statement_timeout (5 s, set on the login), for a server that no longer answers at all. */
const QUERY_TIMEOUT_MS = 8_000;

/** A place for one connection, whether or not one is open. */
interface Slot {
  client: pg.Client | null;
  state: 'free' | 'taken' | 'ending';
  loansLeft: number;
  freeSince: number;
}

interface Waiting {
  admit: (slot: Slot) => void;
  refuse: (error: Error) => void;
}

/** A tenant that holds a connection or waits for one. */
interface Guest {
  schema: string;
  /** Index of the slot it goes to when that is free: a backend then knows few tenants, and knows them already. */
  usual: number;
  active: number;
  waiting: Waiting[];
}

/**
 * The connections of one home, and who gets the next one. A borrowing waits in one line, once: tenants take turns there,
 * however many of their own wait behind them, and one that has its share already is passed over.
 */
export class TenantHome {
  readonly #slots: Slot[];
  readonly #guests = new Map<string, Guest>();
  /** Guests that wait, in the order of their turns. */
  readonly #line = new Set<Guest>();
  readonly #limits: Required<HomeLimits>;
  readonly #sweep: NodeJS.Timeout;
  #ended: (() => void) | null = null;

  constructor(
    private readonly name: { cluster: string; home: number },
    private readonly login: pg.PoolConfig,
    limits: HomeLimits,
    private readonly log: Logger,
  ) {
    this.#limits = { ...DEFAULTS, share: Math.max(1, limits.size - 1), ...limits };
    this.#slots = Array.from({ length: limits.size }, () => ({
      client: null,
      state: 'free' as const,
      loansLeft: 0,
      freeSince: 0,
    }));
    this.#sweep = setInterval(() => this.#closeIdle(), IDLE_MS / 3).unref();
  }

  get stats(): { total: number; idle: number; waiting: number } {
    const open = this.#slots.filter((slot) => slot.client && slot.state !== 'ending');
    return {
      total: open.length,
      idle: open.filter((slot) => slot.state === 'free').length,
      waiting: [...this.#line].reduce((sum, guest) => sum + guest.waiting.length, 0),
    };
  }

  /** @throws DatabaseBusy */
  async borrow(schema: string): Promise<BorrowedClient> {
    if (this.#ended) throw stopping();
    const deadline = performance.now() + this.#limits.patience;
    const guest = this.#welcome(schema);
    const slot = (guest.active < this.#limits.share && this.#freeSlot(guest)) || (await this.#wait(guest));
    if (slot.state === 'free') this.#take(slot, guest);
    const client = slot.client ?? (await this.#open(slot, guest, deadline));
    return { client, giveBack: (broken) => this.#takeBack(slot, guest, client, broken) };
  }

  /** Takes no more guests and resolves when every connection was given back and closed. */
  end(): Promise<void> {
    clearInterval(this.#sweep);
    const ended = new Promise<void>((resolve) => (this.#ended = resolve));
    for (const guest of this.#line) for (const { refuse } of guest.waiting.splice(0)) refuse(stopping());
    this.#line.clear();
    for (const slot of this.#slots) if (slot.state === 'free') this.#close(slot);
    this.#reportEnd();
    return ended;
  }

  #welcome(schema: string): Guest {
    let guest = this.#guests.get(schema);
    if (!guest) {
      // The home itself is told from the name's end; its beginning is evenly spread within every home.
      const usual = parseInt(schema.slice(2, 10), 16) % this.#limits.size || 0;
      guest = { schema, usual, active: 0, waiting: [] };
      this.#guests.set(schema, guest);
    }
    return guest;
  }

  /** Its usual one, or another that is open, and only then one that has to be opened. */
  #freeSlot(guest: Guest): Slot | null {
    const usual = this.#slots[guest.usual]!;
    if (usual.state === 'free' && usual.client) return usual;
    let closed = usual.state === 'free' ? usual : null;
    for (const slot of this.#slots) {
      if (slot.state !== 'free') continue;
      if (slot.client) return slot;
      closed ??= slot;
    }
    return closed;
  }

  #wait(guest: Guest): Promise<Slot> {
    if (guest.waiting.length >= this.#limits.queue) {
      throw new DatabaseBusy('Too many requests of this organisation are waiting for the database.');
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        guest.waiting.splice(guest.waiting.indexOf(waiting), 1);
        if (guest.waiting.length === 0) this.#line.delete(guest);
        const reason =
          guest.active < this.#limits.share
            ? 'The database has no free connection at the moment.'
            : 'The database did not become free in time.';
        this.#leave(guest);
        reject(new DatabaseBusy(reason));
      }, this.#limits.patience);
      const waiting: Waiting = {
        admit: (slot) => {
          clearTimeout(timer);
          resolve(slot);
        },
        refuse: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      guest.waiting.push(waiting);
      this.#line.add(guest);
    });
  }

  #take(slot: Slot, guest: Guest): void {
    slot.state = 'taken';
    guest.active += 1;
  }

  async #open(slot: Slot, guest: Guest, deadline: number): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.login,
      pipeline: true,
      connectionTimeoutMillis: Math.max(1, deadline - performance.now()),
      query_timeout: QUERY_TIMEOUT_MS,
      application_name: `projectflow home ${this.name.home}`,
      types: columnTypes,
    });
    // Without a permanent listener a backend that dies while idle, or between two statements, ends the process.
    client.on('error', (error) => this.log.warn({ err: error, ...this.name }, 'connection lost'));
    client.once('end', () => this.#lost(slot, client));
    slot.client = client;
    // Jittered, or all connections of a home would be replaced at the same moment.
    slot.loansLeft = Math.ceil(this.#limits.recycleAfter * (0.8 + 0.4 * Math.random()));
    try {
      await client.connect();
      return client;
    } catch (error) {
      this.#takeBack(slot, guest, client, true);
      throw asBusy(error);
    }
  }

  #takeBack(slot: Slot, guest: Guest, client: pg.Client, broken: boolean): void {
    guest.active -= 1;
    slot.loansLeft -= 1;
    if (slot.client === client && (broken || slot.loansLeft <= 0 || this.#ended)) {
      this.#close(slot);
      // The tenant may take another one meanwhile.
      const other = this.#freeSlot(guest);
      if (other) this.#free(other);
    } else this.#free(slot);
    this.#leave(guest);
  }

  /** Its place stays taken until the connection is closed: there are never more of them than the home has places. */
  #close(slot: Slot): void {
    if (!slot.client) return;
    slot.state = 'ending';
    slot.client.end().catch((error: unknown) => this.log.warn({ err: error, ...this.name }, 'connection lost'));
  }

  #lost(slot: Slot, client: pg.Client): void {
    if (slot.client !== client) return;
    slot.client = null;
    if (slot.state !== 'taken') this.#free(slot);
  }

  /** Gives the place to the next in line. */
  #free(slot: Slot): void {
    slot.state = 'free';
    slot.freeSince = performance.now();
    this.#reportEnd();
    for (const guest of this.#line) {
      if (guest.active >= this.#limits.share) continue;
      const { admit } = guest.waiting.shift()!;
      this.#line.delete(guest);
      if (guest.waiting.length > 0) this.#line.add(guest);
      // Taken here and not when the waiting one goes on: somebody else might ask in between.
      this.#take(slot, guest);
      return admit(slot);
    }
  }

  #leave(guest: Guest): void {
    if (guest.active === 0 && guest.waiting.length === 0) this.#guests.delete(guest.schema);
  }

  #closeIdle(): void {
    const since = performance.now() - IDLE_MS;
    for (const slot of this.#slots) if (slot.state === 'free' && slot.freeSince < since) this.#close(slot);
  }

  #reportEnd(): void {
    if (this.#ended && this.#slots.every((slot) => slot.state === 'free' && !slot.client)) this.#ended();
  }
}

function stopping(): DatabaseBusy {
  return new DatabaseBusy('The server is stopping.');
}

const TOO_MANY_CONNECTIONS = '53300';
/** Of 55000 there is one while connecting: the database was closed to connections. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  '57P03',
  '55000',
  TOO_MANY_CONNECTIONS,
]);
const NO_ANSWER = 'timeout expired';

/** A database that cannot be reached is "try again" for the caller; everything else is what it is. */
export function asBusy(error: unknown): unknown {
  const { code = '', message = '' } = Object(error) as { code?: string; message?: string };
  if (message === NO_ANSWER || UNREACHABLE.has(code)) {
    return new DatabaseBusy('The database has no free connection at the moment.', error);
  }
  return error;
}
