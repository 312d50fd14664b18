import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';

interface Entry {
  value: unknown;
  /** Epoch milliseconds at which the value was read from its source. */
  readAt: number;
}

const CAPACITY = 50_000;

/**
 * Short-lived copies of hot rows: memory first, then Redis when there is one, then the source; one load however many
 * ask at once. A value is never older than its ttl, whichever way it came, and `forget` drops it on every instance that
 * shares the Redis. Redis away means more loads, never an error. Keys carry the tenant; values survive JSON.
 */
export class Cache {
  readonly #memory = new LRUCache<string, Entry>({ max: CAPACITY });
  readonly #loading = new Map<string, Promise<Entry>>();
  #subscriber: Redis | null = null;

  /** @param prefix of all keys: several installations may share a Redis */
  constructor(
    private readonly redis: Redis | null,
    private readonly prefix: string,
  ) {
    if (!redis) return;
    // Waits for a Redis that is away at the start.
    this.#subscriber = redis.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null });
    this.#subscriber.on('error', () => undefined);
    this.#subscriber.subscribe(`${this.prefix}:forget`).catch(() => undefined);
    this.#subscriber.on('message', (_, key: string) => this.#memory.delete(key));
  }

  /** @param ttl milliseconds after which the source is asked again */
  async getOrLoad<T>(key: string, ttl: number, load: () => Promise<T>): Promise<T> {
    const kept = this.#memory.get(key);
    if (kept && Date.now() - kept.readAt < ttl) return kept.value as T;
    let loading = this.#loading.get(key);
    if (!loading) {
      loading = this.#fetch(key, ttl, load).finally(() => {
        if (this.#loading.get(key) === loading) this.#loading.delete(key);
      });
      this.#loading.set(key, loading);
    }
    return (await loading).value as T;
  }

  async forget(key: string): Promise<void> {
    this.#memory.delete(key);
    // A load under way may have read the row before it was changed.
    this.#loading.delete(key);
    await this.redis
      ?.multi()
      .del(`${this.prefix}:${key}`)
      .publish(`${this.prefix}:forget`, key)
      .exec()
      .catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#subscriber?.disconnect();
    this.redis?.disconnect();
  }

  async #fetch<T>(key: string, ttl: number, load: () => Promise<T>): Promise<Entry> {
    const shared = await this.#fromRedis(key);
    if (shared && Date.now() - shared.readAt < ttl) return this.#keep(key, shared);
    const entry: Entry = { readAt: Date.now(), value: null };
    const mine = this.#loading.get(key);
    entry.value = await load();
    // Forgotten while it was loading: good for those who asked before, not to be kept.
    if (this.#loading.get(key) !== mine) return entry;
    await this.redis?.set(`${this.prefix}:${key}`, JSON.stringify(entry), 'PX', ttl).catch(() => undefined);
    return this.#keep(key, entry);
  }

  async #fromRedis(key: string): Promise<Entry | null> {
    const text = await this.redis?.get(`${this.prefix}:${key}`).catch(() => null);
    return text ? (JSON.parse(text) as Entry) : null;
  }

  #keep(key: string, entry: Entry): Entry {
    this.#memory.set(key, entry);
    return entry;
  }
}
