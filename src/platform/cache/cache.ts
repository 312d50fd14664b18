import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { News } from './news.ts';

interface Entry {
  value: unknown;
  /** Epoch milliseconds at which the value was read from its source. */
  readAt: number;
}

/** An entry in memory, whether it came through Redis, and with what else it is forgotten. */
interface Copy extends Entry {
  shared: boolean;
  groups: readonly string[];
}

/** A load under way. It keeps what it finds only while it is still the one that stands for its key. */
interface Flight {
  entry: Promise<Entry>;
  groups: readonly string[];
}

const CAPACITY = 50_000;
/** Bounds a copy that no message could end: it came through Redis, or this process may have missed something. */
const SHORT_TTL = 1_000;
const FORGET = 'forget';

/**
 * Copies of hot rows: memory first, then Redis when there is one, then the source; one load however many ask at once.
 * `forget` drops a copy on every instance. While news of that are known to arrive, a copy lives as long as its ttl, else
 * a second: a message that was lost leaves nobody with an old copy for longer. Redis or the news away means more loads,
 * never an error. Keys are short and carry the tenant; values survive JSON.
 */
export class Cache {
  readonly #memory = new LRUCache<string, Copy>({ max: CAPACITY, dispose: (copy, key) => this.#ungroup(key, copy) });
  /** Keys in memory by their groups. */
  readonly #groups = new Map<string, Set<string>>();
  readonly #loading = new Map<string, Flight>();
  #subscriber: Redis | null = null;

  /** @param prefix of all keys: several installations may share a Redis */
  constructor(
    private readonly redis: Redis | null,
    private readonly news: News,
    private readonly prefix: string,
  ) {
    news.on(FORGET, (key) => this.#drop(key));
    news.onGap(() => {
      this.#memory.clear();
      this.#loading.clear();
    });
    if (!redis) return;
    // Waits for a Redis that is away at the start.
    this.#subscriber = redis.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null });
    this.#subscriber.on('error', () => undefined);
    this.#subscriber.subscribe(`${this.prefix}:${FORGET}`).catch(() => undefined);
    this.#subscriber.on('message', (_, key: string) => this.#drop(key));
  }

  /**
   * @param ttl milliseconds after which the source is asked again, while news of changes arrive; without them it is a
   *   second, however long the ttl
   * @param groups names under which it is forgotten together with others. A copy that came through Redis does not know of
   *   that, and lives a second
   */
  async getOrLoad<T>(key: string, ttl: number, load: () => Promise<T>, groups: readonly string[] = []): Promise<T> {
    const kept = this.#memory.get(key);
    const life = this.news.isComplete && !kept?.shared ? ttl : Math.min(ttl, SHORT_TTL);
    if (kept && Date.now() - kept.readAt < life) return kept.value as T;
    let flight = this.#loading.get(key);
    if (!flight) {
      const mine: Flight = {
        groups,
        entry: Promise.resolve().then(() => this.#fetch(key, Math.min(ttl, SHORT_TTL), load, mine)),
      };
      this.#loading.set(key, (flight = mine));
    }
    return (await flight.entry).value as T;
  }

  /**
   * Called after the commit of a change, with a key or the name of a group. Over Redis, because it is the fastest, and as news in any case: an instance
   * that listens to the one may have lost the other.
   */
  async forget(key: string): Promise<void> {
    this.#drop(key);
    await Promise.all([
      this.redis
        ?.multi()
        .del(`${this.prefix}:${key}`)
        .publish(`${this.prefix}:${FORGET}`, key)
        .exec()
        .catch(() => undefined),
      this.news.publish(FORGET, key),
    ]);
  }

  async close(): Promise<void> {
    this.#subscriber?.disconnect();
    this.redis?.disconnect();
  }

  #drop(name: string): void {
    for (const key of [name, ...(this.#groups.get(name) ?? [])]) this.#memory.delete(key);
    // A load under way may have read the row before it was changed.
    this.#loading.delete(name);
    for (const [key, { groups }] of this.#loading) if (groups.includes(name)) this.#loading.delete(key);
  }

  #ungroup(key: string, { groups }: Copy): void {
    for (const name of groups) {
      const keys = this.#groups.get(name);
      keys?.delete(key);
      if (keys?.size === 0) this.#groups.delete(name);
    }
  }

  /** @param shortTtl how old a copy in Redis may be: nobody vouches that a message reached it */
  async #fetch<T>(key: string, shortTtl: number, load: () => Promise<T>, flight: Flight): Promise<Entry> {
    try {
      const shared = await this.#fromRedis(key);
      if (shared && Date.now() - shared.readAt < shortTtl) {
        // Another host's clock may be ahead.
        return this.#keep(
          key,
          { ...shared, readAt: Math.min(shared.readAt, Date.now()), shared: true, groups: flight.groups },
          flight,
        );
      }
      const readAt = Date.now();
      const entry = this.#keep(key, { readAt, value: await load(), shared: false, groups: flight.groups }, flight);
      // Forgotten while it was loading: good for those who asked before, not for others.
      if (this.#loading.get(key) === flight) {
        await this.redis
          ?.set(`${this.prefix}:${key}`, JSON.stringify({ readAt: entry.readAt, value: entry.value }), 'PX', shortTtl)
          .catch(() => undefined);
      }
      return entry;
    } finally {
      if (this.#loading.get(key) === flight) this.#loading.delete(key);
    }
  }

  #keep(key: string, entry: Copy, flight: Flight): Entry {
    if (this.#loading.get(key) !== flight) return entry;
    this.#memory.set(key, entry);
    for (const name of entry.groups) {
      const keys = this.#groups.get(name) ?? new Set();
      this.#groups.set(name, keys.add(key));
    }
    return entry;
  }

  async #fromRedis(key: string): Promise<Entry | null> {
    const text = await this.redis?.get(`${this.prefix}:${key}`).catch(() => null);
    return text ? (JSON.parse(text) as Entry) : null;
  }
}
