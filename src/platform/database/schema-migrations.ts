import type pg from 'pg';
import { OperatorError } from '../errors/app-error.ts';
import type { Cluster, Clusters } from './clusters.ts';
import { SchemaLeft } from './database.errors.ts';
import { sqlState } from './database-problem.ts';
import type { RecordedMigration } from './migration-recorder.ts';
import { checked, type MigrationOutcome, type Place } from './schema-manager.ts';
import { asScript, migrationStatements, undoStatements, type TenantScript } from './tenant-script.ts';

export interface MigrateOptions {
  /**
   * For a schema that a tenant lives in: what the registry believes its version to be. Right, it saves a round trip; wrong,
   * it costs one. A schema that the tenant has left, or is leaving, is then refused.
   */
  from?: number;
  /** Connections to use; the cluster's own few when not given. */
  pool?: pg.Pool;
}

/** DDL waits this long for a lock, then gives up: behind a waiting ALTER every reader would queue. */
const LOCK_TIMEOUT = '2s';
/** Raised by the script itself when the ledger is not what it was written for. */
const LEDGER_DIFFERS = 'PF001';
const TENANT_LEFT = 'PF002';

/**
 * Brings schemas forward and back, as the owner. All missing migrations, the seeds, their lines in the ledger and (on the main
 * cluster) the registry's copy of the version are one transaction; where the registry's copy was right, one round trip.
 * Two operators at once: the second waits for the ledger's lock and then finds nothing to do.
 */
export class SchemaMigrations {
  constructor(
    private readonly clusters: Clusters,
    private readonly script: TenantScript,
  ) {}

  /** @throws SchemaLeft */
  async migrate(place: Place, { from, pool }: MigrateOptions = {}): Promise<MigrationOutcome> {
    const cluster = await this.clusters.get(place.cluster);
    const outcome = await this.#withClient(pool ?? cluster.owner, async (client) => {
      const expected = from === undefined ? null : await this.#inOneGo(client, cluster, place.schema, from);
      return expected ?? (await this.#step(client, cluster, place.schema, from !== undefined));
    });
    if (cluster !== this.clusters.main) await this.#recordElsewhere(place.schema, outcome.to, from !== undefined);
    return outcome;
  }

  /**
   * Takes back everything newer than `version`, newest first. Whoever calls makes sure that no release needs it.
   *
   * @throws OperatorError when the schema has something newer that only a later release knows how to take back
   */
  async revert(place: Place, version: number, pool?: pg.Pool): Promise<MigrationOutcome> {
    const cluster = await this.clusters.get(place.cluster);
    const undo = await this.script.undoDownTo(version);
    const outcome = await this.#withClient(pool ?? cluster.owner, async (client) => {
      const ledger = await lockLedger(client, place.schema);
      const undone = undo.filter((migration) => ledger.includes(migration.timestamp));
      const to = Math.max(0, ...ledger.filter((timestamp) => !undone.some((each) => each.timestamp === timestamp)));
      if (to > version)
        throw new OperatorError(
          `It has ${to}, which this release does not know. Take that back with a release that does.`,
        );
      await this.#finish(client, cluster, place.schema, undone.flatMap(undoStatements), to);
      return { from: Math.max(0, ...ledger), to, applied: undone.map((migration) => migration.name) };
    });
    if (cluster !== this.clusters.main) await this.#recordElsewhere(place.schema, outcome.to);
    return outcome;
  }

  /** Names of migrations that a ledger lacks although they are not newer than the version: merged late, with an old timestamp. */
  lacking(ledger: number[], version: number): string[] {
    return this.script
      .missingFrom(ledger)
      .filter((migration) => migration.timestamp <= version)
      .map((migration) => migration.name);
  }

  /** A version that some migration leads to: anything else would take back more than whoever typed it knows. @throws OperatorError */
  demandKnown(version: number): void {
    const known = this.script.migrations.map((migration) => migration.timestamp);
    if (known.includes(version)) return;
    throw new OperatorError(`There is no migration ${version}. Tenants can be taken back to: ${known.join(', ')}.`);
  }

  /** What `migrate` would send for a schema at this version, for people to read; the seeds that follow are left out. */
  sqlFrom(version: number): string {
    return this.script
      .missingFrom(this.script.upTo(version).map((migration) => migration.timestamp))
      .map((migration) => `-- ${migration.name}\n${migrationStatements(migration).join(';\n')};`)
      .join('\n\n');
  }

  /** What `revert` would send for a schema at the version `from`. */
  async sqlDownTo(version: number, from: number): Promise<string> {
    return (await this.script.undoDownTo(version))
      .filter((migration) => migration.timestamp <= from)
      .map((migration) => `-- ${migration.name}\n${undoStatements(migration).join(';\n')};`)
      .join('\n\n');
  }

  /** @returns null when the ledger is not what a schema at this version has; nothing has happened then */
  async #inOneGo(
    client: pg.PoolClient,
    cluster: Cluster,
    schema: string,
    from: number,
  ): Promise<MigrationOutcome | null> {
    const has = this.script.upTo(from).map((migration) => migration.timestamp);
    if (has.at(-1) !== from) return null;
    const pending = this.script.missingFrom(has);
    const to = Math.max(from, ...pending.map((migration) => migration.timestamp));
    const guard = `DO $$ BEGIN IF (SELECT array_agg("timestamp" ORDER BY "timestamp") FROM "${checked(schema)}"."migrations")
      IS DISTINCT FROM ARRAY[${has.join(', ')}]::bigint[] THEN RAISE EXCEPTION USING ERRCODE = '${LEDGER_DIFFERS}'; END IF; END $$`;
    const statements = [
      `LOCK TABLE "${schema}"."migrations" IN EXCLUSIVE MODE`,
      guard,
      ...this.#demandTenant(cluster, schema),
      ...this.#stepsOf(pending, to),
      ...this.#copyOfVersion(cluster, schema, to),
    ];
    try {
      await client.query(`BEGIN; ${SETTINGS}; ${asScript(statements, schema)} COMMIT`);
    } catch (error) {
      if (sqlState(error) === TENANT_LEFT) throw new SchemaLeft(schema);
      if (sqlState(error) !== LEDGER_DIFFERS) throw error;
      await client.query('ROLLBACK');
      return null;
    }
    return { from, to, applied: pending.map((migration) => migration.name) };
  }

  async #step(client: pg.PoolClient, cluster: Cluster, schema: string, ofTenant: boolean): Promise<MigrationOutcome> {
    const ledger = await lockLedger(client, schema);
    const pending = this.script.missingFrom(ledger);
    const to = Math.max(0, ...ledger, ...pending.map((migration) => migration.timestamp));
    const work = [...(ofTenant ? this.#demandTenant(cluster, schema) : []), ...this.#stepsOf(pending, to)];
    await this.#finish(client, cluster, schema, work, to).catch((error: unknown) => {
      throw sqlState(error) === TENANT_LEFT ? new SchemaLeft(schema) : error;
    });
    return { from: Math.max(0, ...ledger), to, applied: pending.map((migration) => migration.name) };
  }

  /** With the last step come the seeds of this release: what its roles permit may need what the migration has made. */
  #stepsOf(pending: RecordedMigration[], to: number): string[] {
    const arrives = pending.length > 0 && to === this.script.version;
    return [...pending.flatMap(migrationStatements), ...(arrives ? this.script.seeds : [])];
  }

  async #finish(client: pg.PoolClient, cluster: Cluster, schema: string, work: string[], to: number): Promise<void> {
    await client.query(`${asScript([...work, ...this.#copyOfVersion(cluster, schema, to)], schema)} COMMIT`);
  }

  /** Where the registry is in the same database, its copy changes with the ledger. */
  #copyOfVersion(cluster: Cluster, schema: string, to: number): string[] {
    return cluster === this.clusters.main ? [recordVersion(schema, to)] : [];
  }

  /** A tenant that is being moved, or was, lives elsewhere in a moment: what is done here would be done for nobody. */
  #demandTenant(cluster: Cluster, schema: string): string[] {
    if (cluster !== this.clusters.main) return [];
    return [
      `DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM public.tenants WHERE schema_name = '${schema}' AND status <> 'maintenance')
        THEN RAISE EXCEPTION USING ERRCODE = '${TENANT_LEFT}'; END IF; END $$`,
    ];
  }

  /** Elsewhere it follows: until then the tenant counts as behind, and migrating it again finds nothing to do. */
  async #recordElsewhere(schema: string, to: number, ofTenant = false): Promise<void> {
    const { rowCount } = await this.clusters.main.owner.query(recordVersion(schema, to));
    if (ofTenant && rowCount === 0) throw new SchemaLeft(schema);
  }

  async #withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      // Closing the connection rolls back whatever state it is in.
      client.release(true);
      throw error;
    }
  }
}

/** With the version goes what was noted while the schema was behind. */
function recordVersion(schema: string, to: number): string {
  return `UPDATE public.tenants SET schema_version = ${to}, migration_holder = NULL, migration_lease_until = NULL,
    migration_wanted_at = NULL, migration_error = NULL WHERE schema_name = '${checked(schema)}'`;
}

const SETTINGS = `SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'; SET LOCAL search_path = extensions`;

async function lockLedger(client: pg.PoolClient, schema: string): Promise<number[]> {
  await client.query(`BEGIN; ${SETTINGS}; LOCK TABLE "${checked(schema)}"."migrations" IN EXCLUSIVE MODE`);
  const { rows } = await client.query<{ timestamp: string }>(`SELECT "timestamp" FROM "${schema}"."migrations"`);
  return rows.map((row) => Number(row.timestamp));
}
