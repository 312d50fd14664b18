import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { SCHEMA_NAME } from './statement-guard.ts';
import { asScript, CREATE_LEDGER, migrationStatements, type TenantScript } from './tenant-script.ts';
import type { TenantBinding } from './lease.ts';
import type { PreparedDatabase } from './prepare-database.ts';

export interface MigrationOutcome {
  from: number;
  to: number;
  /** Names of the migrations that ran; empty when the schema was up to date. */
  applied: string[];
}

/** DDL waits this long for a lock, then gives up: behind a waiting ALTER every reader would queue. */
const LOCK_TIMEOUT = '2s';

/**
 * Creates, migrates, seeds and drops tenant schemas, as the owner. Each is one script in one transaction, so a crash at
 * any point leaves the schema as it was, or not there at all.
 */
export class SchemaManager {
  constructor(
    private readonly owner: pg.Pool,
    private readonly script: TenantScript,
    private readonly database: PreparedDatabase,
    private readonly homes: number,
  ) {}

  get version(): number {
    return this.script.version;
  }

  /** Makes a migrated, seeded, empty schema with its role and enters it among the ready ones, all or nothing. */
  async provision(): Promise<TenantBinding> {
    const schema = `t_${randomBytes(8).toString('hex')}`;
    const home = parseInt(schema.slice(-8), 16) % this.homes;
    const role = this.database.tenantRoles ? this.database.names.tenantRole(schema) : null;
    await this.#run(schema, [
      ...this.#creation(schema, role, home),
      ...this.script.migrations.flatMap(migrationStatements),
      ...this.script.seeds,
      `INSERT INTO public.ready_schemas (schema_name, role_name, home, schema_version)
       VALUES ('${schema}', ${role === null ? 'NULL' : `'${role}'`}, ${home}, ${this.version})`,
    ]);
    return { cluster: 'main', schema, role, home };
  }

  /** What the schema's own ledger says: the truth, of which the registry keeps a copy. */
  async versionOf(schema: string): Promise<number> {
    const { rows } = await this.owner.query<{ version: string | null }>(
      `SELECT max("timestamp") AS version FROM "${checked(schema)}"."migrations"`,
    );
    return Number(rows[0]?.version ?? 0);
  }

  /** Brings a schema to this process's version: all missing migrations, their ledger lines and the registry's copy in one transaction. */
  async migrate(schema: string): Promise<MigrationOutcome> {
    const client = await this.owner.connect();
    try {
      // Two operators at once: the second waits here, as long as lock_timeout lets it, and then finds nothing to do.
      await client.query(
        `BEGIN; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'; LOCK TABLE "${checked(schema)}"."migrations" IN EXCLUSIVE MODE`,
      );
      const { rows } = await client.query<{ version: string | null }>(
        `SELECT max("timestamp") AS version FROM "${schema}"."migrations"`,
      );
      const from = Number(rows[0]?.version ?? 0);
      const pending = this.script.pendingSince(from);
      const to = pending.at(-1)?.timestamp ?? from;
      const record = `UPDATE public.tenants SET schema_version = ${to} WHERE schema_name = '${schema}'`;
      await client.query(
        `SET LOCAL search_path = extensions; ${asScript([...pending.flatMap(migrationStatements), record], schema)} COMMIT`,
      );
      client.release();
      return { from, to, applied: pending.map((migration) => migration.name) };
    } catch (error) {
      // Closing the connection rolls back whatever state it is in.
      client.release(true);
      throw error;
    }
  }

  /** Applies the seeds again: built-in roles as this version knows them. */
  async seed(schema: string): Promise<void> {
    await this.#run(checked(schema), this.script.seeds);
  }

  async drop(schema: string, role: string | null): Promise<void> {
    await this.owner.query(`DROP SCHEMA IF EXISTS "${checked(schema)}" CASCADE`);
    if (role === null) return;
    const client = await this.owner.connect();
    try {
      await client.query(`DROP ROLE IF EXISTS ${client.escapeIdentifier(role)}`);
    } finally {
      client.release();
    }
  }

  /** Tables that later migrations make are reachable too: default privileges, by the one owner who migrates. */
  #creation(schema: string, role: string | null, home: number): string[] {
    const login = pg.escapeIdentifier(this.database.homeLogin(home));
    const grantee = role === null ? login : `"${role}"`;
    return [
      ...(role === null
        ? []
        : [`CREATE ROLE "${role}" NOLOGIN NOINHERIT`, `GRANT "${role}" TO ${login} WITH INHERIT FALSE, SET TRUE`]),
      `CREATE SCHEMA "${schema}"`,
      // Before the default privileges: the ledger is the owner's, and no tenant may rewrite it.
      CREATE_LEDGER,
      `GRANT USAGE ON SCHEMA "${schema}" TO ${grantee}`,
      `ALTER DEFAULT PRIVILEGES IN SCHEMA "${schema}" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${grantee}`,
      `ALTER DEFAULT PRIVILEGES IN SCHEMA "${schema}" GRANT USAGE ON SEQUENCES TO ${grantee}`,
    ];
  }

  async #run(schema: string, statements: string[]): Promise<void> {
    const client = await this.owner.connect();
    try {
      await client.query(
        `BEGIN; SET LOCAL search_path = extensions; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}';\n${asScript(statements, schema)}\nCOMMIT`,
      );
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  }
}

/** The one place where a schema's name becomes text outside the guard. */
function checked(schema: string): string {
  if (!SCHEMA_NAME.test(schema)) throw new Error(`not a tenant schema: ${schema}`);
  return schema;
}
