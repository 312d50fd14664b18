import type { EntityManager, EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import type { Actor } from '../access/actor.ts';
import type { Caller } from '../access/caller.ts';
import type { Lease } from '../database/lease.ts';
import { rowsBy, type TenantDataSource } from '../database/tenant-data-source.ts';
import type { DomainEvent } from '../events/domain-event.ts';
import { isReplicaTrouble } from '../database/database-problem.ts';
import { NoTransaction, OuterContextUsed } from './tenancy.errors.ts';
import type { Tenant } from './tenant.types.ts';

/** Called after a transaction that announced events has committed, with these events: the relay need not wait for its next look. */
export type AfterCommit = (announced: readonly DomainEvent[]) => void;

interface OpenTransaction {
  manager: EntityManager;
  announced: DomainEvent[];
}

interface Parts {
  tenant: Tenant;
  actor: Actor;
  caller: Caller;
  database: TenantDataSource;
  /** Its handle on the cluster's replica; null where there is none. */
  replica: () => Promise<TenantDataSource | null>;
  afterCommit: AfterCommit;
}

/**
 * The first argument of every service method: whose data, who acts, on behalf of which request. The same for a request,
 * a job, a listener and a command; nothing about the caller is hidden in ambient state that a queue or timer could lose.
 */
export class TenantContext {
  readonly tenant: Tenant;
  readonly actor: Actor;
  /** Where the call came from. */
  readonly caller: Caller;
  readonly #parts: Parts;
  readonly #transaction: OpenTransaction | null;
  #inner = 0;

  constructor(parts: Parts, transaction: OpenTransaction | null = null) {
    this.#parts = parts;
    this.#transaction = transaction;
    this.tenant = parts.tenant;
    this.actor = parts.actor;
    this.caller = parts.caller;
  }

  get requestId(): string {
    return this.caller.requestId;
  }

  get isInTransaction(): boolean {
    return this.#transaction !== null;
  }

  repository<E extends ObjectLiteral>(entity: EntityTarget<E>): Repository<E> {
    return this.#manager.getRepository(entity);
  }

  /** Raw SQL with "@tenant" where the schema belongs; plain rows. */
  async query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    const { queryRunner } = this.#manager;
    if (!queryRunner) return this.#parts.database.rows<Row>(sql, parameters);
    return rowsBy<Row>((await queryRunner.connect()) as Lease, sql, parameters);
  }

  /**
   * Runs `work` in one transaction and hands it the context to use. Inside a transaction it joins that one. Events
   * announced in it are stored in the same commit and heard afterwards, or never if it rolls back.
   */
  async transaction<T>(work: (tx: TenantContext) => Promise<T>): Promise<T> {
    if (this.#transaction) return work(this);
    let announced: DomainEvent[] = [];
    this.#inner += 1;
    try {
      const result = await this.#parts.database.transaction(async (manager) => {
        const tx = new TenantContext(this.#parts, { manager, announced: [] });
        const value = await work(tx);
        announced = await tx.#storeAnnounced();
        return value;
      });
      if (announced.length > 0) this.#parts.afterCommit(announced);
      return result;
    } finally {
      this.#inner -= 1;
    }
  }

  /**
   * Runs `work` so that it happens wholly or not at all, and what surrounds it can go on when it does not: in a
   * transaction of its own, or up to a savepoint of the one that is open.
   */
  async attempt<T>(work: (tx: TenantContext) => Promise<T>): Promise<T> {
    const open = this.#transaction;
    if (!open) return this.transaction(work);
    const announced: DomainEvent[] = [];
    const value = await open.manager.transaction((manager) =>
      work(new TenantContext(this.#parts, { manager, announced })),
    );
    open.announced.push(...announced);
    return value;
  }

  /**
   * For reads that may be some seconds old, such as figures: runs `read` on the cluster's streaming replica, or here where
   * there is none or it is away. What it gives must never decide a write. Inside a transaction it stays in it.
   */
  async onReplica<T>(read: (ctx: TenantContext) => Promise<T>): Promise<T> {
    const database = this.#transaction ? null : await this.#parts.replica();
    if (!database) return read(this);
    try {
      return await read(new TenantContext({ ...this.#parts, database, replica: () => Promise.resolve(null) }));
    } catch (error) {
      if (!isReplicaTrouble(error)) throw error;
      return read(this);
    }
  }

  /** @throws NoTransaction outside a transaction */
  announce(event: DomainEvent): void {
    if (!this.#transaction) throw new NoTransaction();
    this.#transaction.announced.push(event);
  }

  get #manager(): EntityManager {
    if (this.#inner > 0) throw new OuterContextUsed();
    return this.#transaction?.manager ?? this.#parts.database.manager;
  }

  async #storeAnnounced(): Promise<DomainEvent[]> {
    const announced = this.#transaction?.announced ?? [];
    if (announced.length === 0) return announced;
    await this.#manager.query(
      `INSERT INTO platform.outbox (tenant_schema, name, payload, actor_id, request_id)
       SELECT $1, event.name, event.payload, $2, $3
         FROM unnest($4::text[], $5::jsonb[]) WITH ORDINALITY AS event (name, payload, position) ORDER BY event.position`,
      [
        this.tenant.binding.schema,
        this.actor.userId,
        this.requestId,
        announced.map((event) => event.eventName),
        announced.map((event) => JSON.stringify(event)),
      ],
    );
    return announced;
  }
}
