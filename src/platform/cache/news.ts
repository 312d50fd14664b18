import pg from 'pg';
import type { Logger } from 'pino';

export interface NewsOptions {
  /**
   * One for the installation. A secret of it, because any login may send and listen on a channel whose name it knows, and what
   * comes is believed.
   */
  channel: string;
  /** Login to listen with: the database itself, never a pooler, which would give the connection to somebody else. */
  url: string;
  /** Runs the statement that tells the others, on a connection of the registry and in a transaction of its own. */
  tell: (statement: string, parameters: unknown[]) => Promise<unknown>;
}

const BEAT_MS = 1_000;
const BEAT_TIMEOUT_MS = 2_000;
/** Past this without an answer, what was heard so far is no longer taken for everything that happened. */
const TRUSTED_MS = BEAT_MS + BEAT_TIMEOUT_MS;
const CONNECT_TIMEOUT_MS = 5_000;
const LONGEST_PAUSE_MS = 10_000;
/** The server's limit for one notification is 8000 bytes. */
const MOST_BYTES = 7_900;
/** What could not be told, and is tried again with the next beat. More than this is dropped: their copies end by age. */
const MOST_OWED = 10_000;

/**
 * Short messages to every process of the installation, over PostgreSQL's LISTEN and NOTIFY. A message is heard at most
 * once, also by the process that sent it, and may be lost while a connection is away: `isComplete` says whether that
 * can have happened, `onGap` when it may have.
 */
export class News {
  readonly #listeners = new Map<string, (text: string) => void>();
  readonly #gapListeners: (() => void)[] = [];
  readonly #owed = new Set<string>();
  #client: pg.Client | null = null;
  #timer: NodeJS.Timeout | null = null;
  #heardAt = -Infinity;
  #failures = 0;
  #closed = false;

  constructor(
    private readonly options: NewsOptions,
    private readonly log: Logger,
  ) {}

  /**
   * Whether all that was told more than three seconds ago has been heard here. The server answers a beat after the
   * notifications that were committed before it, so one answer vouches for all of them.
   */
  get isComplete(): boolean {
    return performance.now() - this.#heardAt < TRUSTED_MS;
  }

  /** One listener a topic. It must not throw. */
  on(topic: string, listener: (text: string) => void): void {
    this.#listeners.set(topic, listener);
  }

  /** Called when the connection was lost, and when it is there (again): in between something may have been missed. */
  onGap(listener: () => void): void {
    this.#gapListeners.push(listener);
  }

  /** Begins to listen, in the background. */
  start(): void {
    void this.#connect();
  }

  /**
   * Tells every process, as soon as the statement commits. Never throws: what cannot be told now is tried again while
   * the process lives. Not for a tenant's transaction, because a NOTIFY takes a lock of all databases at commit.
   *
   * @param topic a word
   * @param text at most some thousand bytes, else nobody is told and the log says so
   */
  async publish(topic: string, text: string): Promise<void> {
    const message = `${topic} ${text}`;
    if (Buffer.byteLength(message) > MOST_BYTES) {
      this.log.error({ topic, bytes: Buffer.byteLength(message) }, 'news too long to be told');
      return;
    }
    await this.#tell(message);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  async #tell(message: string): Promise<void> {
    try {
      await this.options.tell('SELECT pg_notify($1, $2)', [this.options.channel, message]);
      this.#owed.delete(message);
    } catch (error) {
      if (this.#owed.size < MOST_OWED) this.#owed.add(message);
      this.log.debug({ err: error }, 'news could not be told yet');
    }
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.options.url,
      application_name: 'projectflow listen',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: BEAT_TIMEOUT_MS,
      keepAlive: true,
    });
    this.#client = client;
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, new Error('the connection ended')));
    client.on('notification', ({ payload = '' }) => this.#hear(payload));
    try {
      await client.connect();
      await client.query(`LISTEN ${pg.escapeIdentifier(this.options.channel)}`);
    } catch (error) {
      return this.#lost(client, error);
    }
    if (this.#client !== client) return;
    if (this.#failures > 0) this.log.info('news of other processes are heard again');
    this.#failures = 0;
    this.#gap();
    this.#beaten(client);
  }

  #hear(message: string): void {
    const space = message.indexOf(' ');
    this.#listeners.get(message.slice(0, space))?.(message.slice(space + 1));
  }

  #beaten(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#heardAt = performance.now();
    for (const message of this.#owed) void this.#tell(message);
    this.#later(BEAT_MS, () => {
      client.query('SELECT 1').then(
        () => this.#beaten(client),
        (error: unknown) => this.#lost(client, error),
      );
    });
  }

  /** Also the way out of a failed attempt to connect. Only the current client counts, and only once. */
  #lost(client: pg.Client, error: unknown): void {
    if (this.#client !== client || this.#closed) return;
    this.#client = null;
    this.#heardAt = -Infinity;
    // Not end(): it would wait for a server that does not answer.
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    if (this.#failures === 0)
      this.log.warn({ err: error }, 'news of other processes are not heard; copies live a second');
    this.#failures += 1;
    this.#gap();
    const pause = Math.min(LONGEST_PAUSE_MS, 100 * 2 ** Math.min(this.#failures, 10));
    // Jittered, or all processes would come back at the same moment.
    this.#later(pause * (0.5 + Math.random()), () => void this.#connect());
  }

  #gap(): void {
    for (const listener of this.#gapListeners) listener();
  }

  #later(milliseconds: number, what: () => void): void {
    if (this.#closed) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(what, milliseconds);
    this.#timer.unref();
  }
}
