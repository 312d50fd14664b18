import {
  DataSource,
  QueryFailedError,
  type EntityManager,
  type EntityMetadata,
  type EntityTarget,
  type QueryRunner,
} from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { EntityRefused, StatementRefused } from './database.errors.ts';
import { Lease, type BorrowedClient, type TenantBinding } from './lease.ts';
import { TENANT_SCHEMA } from './statement-guard.ts';

type EntityClass = new () => object;

/** Set beforehand, so that initialising a handle asks the server nothing. */
const SERVER_FACTS = { version: '16.0', database: 'projectflow', searchSchema: 'extensions' };

/** Asked by every query that wants TypeORM's cache, whose keys are computed before the tenant's schema is put in. */
const NO_CACHE = {
  connect: async () => undefined,
  disconnect: async () => undefined,
  synchronize: refuseCache,
  getFromCache: refuseCache,
  storeInCache: refuseCache,
  isExpired: refuseCache,
  clear: refuseCache,
  remove: refuseCache,
};

function refuseCache(): never {
  throw new StatementRefused("the cache of TypeORM gives one tenant another tenant's rows; use platform/cache");
}

const SHARED_OPTIONS = {
  type: 'postgres',
  schema: TENANT_SCHEMA,
  synchronize: false,
  installExtensions: false,
  nativeDriver: false as unknown as undefined,
  uuidExtension: 'pgcrypto',
  logging: false,
  // eslint-disable-next-line projectflow/typeorm -- the place where it is refused
  cache: { provider: () => NO_CACHE },
} satisfies Partial<PostgresDataSourceOptions>;

/** What TypeORM's driver takes for a pg.Pool: it lends leases and owns no connection. */
function poolFacade(lend: () => Lease): { Pool: new () => object } {
  const facade = {
    connect(callback: (error: null, lease: Lease, release: (error?: unknown) => void) => void): void {
      const lease = lend();
      callback(null, lease, (error) => lease.release(error));
    },
    on: () => facade,
    end: (callback?: () => void) => callback?.(),
  };
  return {
    Pool: class {
      constructor() {
        return facade;
      }
    },
  };
}

/**
 * Holds the metadata of all tenant entities, compiled once. Never runs a statement: every handle below shares its
 * metadata graph, and a statement that reached it would be one that lost its tenant.
 */
export class TenantTemplate extends DataSource {
  constructor(entities: EntityClass[]) {
    super({
      ...SHARED_OPTIONS,
      entities,
      driver: poolFacade(
        () =>
          new Lease({ cluster: '', schema: TENANT_SCHEMA, role: null, home: -1 }, () =>
            Promise.reject(new StatementRefused('a statement reached the template instead of a tenant')),
          ),
      ),
    });
    Object.assign(this.driver, SERVER_FACTS);
  }

  /** @throws EntityRefused */
  override async initialize(): Promise<this> {
    await super.initialize();
    for (const { name, target, lazyRelations } of this.entityMetadatas) {
      if (lazyRelations[0]) {
        throw new EntityRefused(
          name,
          `its relation ${lazyRelations[0].propertyName} is lazy, and would load through the template`,
        );
      }
      if (typeof target === 'function' && 'useDataSource' in target) {
        throw new EntityRefused(
          name,
          'it extends BaseEntity, which finds rows through the template; use ctx.repository()',
        );
      }
    }
    return this;
  }
}

/**
 * One tenant's DataSource: a light handle (measured by `npm run bench -- tenancy`) over the template's metadata, whose
 * statements leave through leases bound to the tenant. It is dropped by being forgotten; `destroy()` is refused because
 * TypeORM would release runners that still have transactions open.
 */
export class TenantDataSource extends DataSource {
  #served = false;

  constructor(
    private readonly template: TenantTemplate,
    readonly binding: TenantBinding,
    private readonly borrow: (binding: TenantBinding) => Promise<BorrowedClient>,
  ) {
    super({ ...SHARED_OPTIONS, driver: poolFacade(() => new Lease(binding, () => borrow(binding))) });
    Object.assign(this.driver, SERVER_FACTS);
  }

  /** The rows of one statement, without a query runner: what TypeORM does around a statement is for what is not used here. */
  async rows<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    const lease = new Lease(this.binding, () => this.borrow(this.binding));
    try {
      return await rowsBy<Row>(lease, sql, parameters);
    } finally {
      lease.release();
    }
  }

  override async initialize(): Promise<this> {
    await super.initialize();
    this.#served = true;
    return this;
  }

  protected override async buildMetadatas(): Promise<void> {
    const shared: {
      entityMetadatas: EntityMetadata[];
      entityMetadatasMap: Map<EntityTarget<unknown>, EntityMetadata>;
    } = this.template;
    Object.assign(this, {
      entityMetadatas: shared.entityMetadatas,
      entityMetadatasMap: shared.entityMetadatasMap,
    });
  }

  override createQueryRunner(mode?: 'master' | 'slave'): QueryRunner & { manager: EntityManager } {
    const runner = super.createQueryRunner(mode) as QueryRunner & { manager: EntityManager };
    runner.stream = () =>
      Promise.reject(new StatementRefused('stream() bypasses the bind to the tenant; page through the rows instead'));
    return runner;
  }

  override async destroy(): Promise<void> {
    // TypeORM's answer to a failed initialisation: nothing is open yet, and the failure itself must be heard.
    if (!this.#served) return;
    throw new StatementRefused('a tenant handle is forgotten, not destroyed: its runners may have open transactions');
  }
}

/** @param lease what a query runner of a tenant connects to */
export async function rowsBy<Row>(lease: Lease, sql: string, parameters: unknown[]): Promise<Row[]> {
  try {
    return (await lease.query(sql, parameters)).rows as Row[];
  } catch (error) {
    throw new QueryFailedError(sql, parameters, error as Error);
  }
}
