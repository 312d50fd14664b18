import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Cluster, Clusters } from './clusters.ts';
import { ClusterUnavailable } from './database.errors.ts';
import type { TenantBinding } from './lease.ts';
import { MAIN_CLUSTER } from './prepare-database.ts';
import { SCHEMA_NAME } from './statement-guard.ts';
import { asScript, CREATE_LEDGER, migrationStatements, type TenantScript } from './tenant-script.ts';

export interface MigrationOutcome {
  from: number;
  to: number;
  /** Names of the migrations that ran; empty when the schema was up to date. */
  applied: string[];
}

/** A schema on a cluster. */
export type Place = Pick<TenantBinding, 'cluster' | 'schema'>;

/** DDL waits this long for a lock, then gives up: behind a waiting ALTER every reader would queue. */
const LOCK_TIMEOUT = '2s';

/** The comment of a schema that rows are being copied into: until it is switched to, nobody lives there. */
export const FILLING = 'projectflow: being filled';

/** Who lives in a schema, said by the schema itself, for the day when the registry's row is lost. */
export interface SchemaLabel {
  tenant: string;
  slug: string;
  name: string;
  plan: string;
}

/**
 * Creates, seeds and drops tenant schemas, as the owner. Each is one script in one transaction, so a crash at any point
 * leaves the schema as it was, or not there at all. What brings them forward is SchemaMigrations.
 */
export class SchemaManager {
  constructor(
    private readonly clusters: Clusters,
    private readonly script: TenantScript,
    private readonly homes: number,
  ) {}

  /** The version that this process understands. */
  get version(): number {
    return this.script.version;
  }

  /**
   * Makes a migrated, seeded, empty schema with its role and enters it among the ready ones. On the main cluster that is
   * one transaction. Elsewhere the entry is made first, as `making`: a crash leaves a trace that is found and removed.
   */
  async provision(clusterName = MAIN_CLUSTER): Promise<TenantBinding> {
    const cluster = await this.clusters.get(clusterName);
    const binding = this.#newBinding(cluster);
    const script = [...this.#creation(cluster, binding), ...this.#contents(this.version)];
    if (cluster === this.clusters.main) {
      await this.run(cluster, binding.schema, [...script, entry(binding, this.version, 'ready')]);
      return binding;
    }
    await this.#runEntered(cluster, binding, this.version, script);
    await this.clusters.main.owner.query(`UPDATE public.ready_schemas SET state = 'ready' WHERE schema_name = $1`, [
      binding.schema,
    ]);
    return binding;
  }

  /**
   * An empty schema for data that is copied into it, at the version of that data. Its entry stays `making` until whoever
   * copies takes it (`ReadyPool.take`); untouched for a while, it is taken for abandoned and removed.
   */
  async provisionFor(clusterName: string, version: number): Promise<TenantBinding> {
    const cluster = await this.clusters.get(clusterName);
    const binding = this.#newBinding(cluster);
    await this.#runEntered(cluster, binding, version, [
      ...this.#creation(cluster, binding),
      ...this.#contents(version),
      `COMMENT ON SCHEMA "${binding.schema}" IS ${pg.escapeLiteral(FILLING)}`,
    ]);
    return binding;
  }

  /** Where this release would put a schema of that name. */
  bindingOf({ name, database }: Cluster, schema: string): TenantBinding {
    const home = parseInt(checked(schema).slice(-8), 16) % this.homes;
    return { cluster: name, schema, role: database.tenantRoles ? database.names.tenantRole(schema) : null, home };
  }

  /** Notes in the cluster itself who lives there; the mark of a copy that is being filled goes with it. */
  async label({ cluster, schema }: Place, label: SchemaLabel, client?: pg.ClientBase): Promise<void> {
    const statement = `COMMENT ON SCHEMA "${checked(schema)}" IS ${pg.escapeLiteral(JSON.stringify(label))}`;
    await (client ?? (await this.clusters.get(cluster)).owner).query(statement);
  }

  /** What `label` has noted; null where nothing was. @param name of the schema as it is at the moment */
  async labelOf({ owner }: Cluster, name: string): Promise<SchemaLabel | null> {
    const { rows } = await owner.query<{ label: string | null }>(
      `SELECT obj_description(oid, 'pg_namespace') AS label FROM pg_namespace WHERE nspname = $1`,
      [name],
    );
    try {
      const label = JSON.parse(rows[0]?.label ?? 'null') as Partial<SchemaLabel> | null;
      return typeof label?.tenant === 'string' ? (label as SchemaLabel) : null;
    } catch {
      return null;
    }
  }

  /** What the schema's own ledger says: the truth, of which the registry keeps a copy. */
  async versionOf({ cluster, schema }: Place): Promise<number> {
    const { owner } = await this.clusters.get(cluster);
    const { rows } = await owner.query<{ version: string | null }>(
      `SELECT max("timestamp") AS version FROM "${checked(schema)}"."migrations"`,
    );
    return Number(rows[0]?.version ?? 0);
  }

  /**
   * Lets a look be had at a schema as this release makes it on that cluster at a version; nothing of it stays.
   *
   * @param look gets the connection, in a transaction that is rolled back, and the schema's name
   */
  async withReference<T>(
    clusterName: string,
    version: number,
    look: (client: pg.ClientBase, schema: string) => Promise<T>,
  ): Promise<T> {
    const cluster = await this.clusters.get(clusterName);
    const binding = this.#newBinding(cluster);
    const client = await cluster.owner.connect();
    try {
      const statements = [...this.#creation(cluster, binding), ...this.#contents(version)];
      await client.query(`BEGIN; SET LOCAL search_path = extensions; ${asScript(statements, binding.schema)}`);
      return await look(client, binding.schema);
    } finally {
      await client.query('ROLLBACK').catch(() => undefined);
      client.release();
    }
  }

  /** Applies the seeds again: built-in roles as this version knows them. */
  async seed({ cluster, schema }: Place): Promise<void> {
    await this.run(await this.clusters.get(cluster), checked(schema), this.script.seeds);
  }

  /** Gives the role and its login exactly what they need in the schema; harmless where nothing is missing. */
  async mendGrants(binding: TenantBinding): Promise<void> {
    const cluster = await this.clusters.get(binding.cluster);
    await this.run(cluster, binding.schema, this.grantStatements(cluster, binding));
  }

  /** What `mendGrants` runs. */
  grantStatements(cluster: Cluster, binding: TenantBinding): string[] {
    const grantee = this.#grantee(cluster, binding);
    const schema = `"${checked(binding.schema)}"`;
    const [tables, sequences] = [`ALL TABLES IN SCHEMA ${schema}`, `ALL SEQUENCES IN SCHEMA ${schema}`];
    const own = isOwner(cluster, grantee);
    return [
      ...this.#role(cluster, binding),
      ...grants(binding.schema, grantee),
      ...(own
        ? [
            `GRANT ALL ON SCHEMA ${schema} TO ${grantee}`,
            `GRANT ALL ON ${tables} TO ${grantee}`,
            `GRANT ALL ON ${sequences} TO ${grantee}`,
          ]
        : [
            `REVOKE ALL ON ${tables} FROM ${grantee}`,
            `REVOKE ALL ON ${sequences} FROM ${grantee}`,
            `GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables} TO ${grantee}`,
            `GRANT USAGE ON ${sequences} TO ${grantee}`,
            // The ledger is the owner's, as in a schema that was just made.
            `REVOKE ALL ON ${schema}."migrations" FROM ${grantee}`,
          ]),
    ];
  }

  /** Takes the role from the logins of other homes; its own gets it by `mendGrants`. */
  async mendHome({ cluster: name, role, home }: TenantBinding): Promise<void> {
    const { owner, database } = await this.clusters.get(name);
    const { rows } = await owner.query<{ login: string }>(
      `SELECT m.rolname AS login FROM pg_auth_members g JOIN pg_roles r ON r.oid = g.roleid JOIN pg_roles m ON m.oid = g.member
        WHERE r.rolname = $1 AND m.rolname <> $2 AND starts_with(m.rolname, $3)`,
      [role, database.homeLogin(home), `${database.names.installation}_home_`],
    );
    for (const { login } of rows)
      await owner.query(`REVOKE ${pg.escapeIdentifier(role!)} FROM ${pg.escapeIdentifier(login)}`);
  }

  /**
   * Takes from the role what `mendGrants` gives, in the caller's transaction: whatever of the tenant is still on its way
   * to this schema fails, instead of being written where nobody looks any more.
   */
  async lockOut(client: pg.ClientBase, binding: TenantBinding): Promise<void> {
    const grantee = this.#grantee(await this.clusters.get(binding.cluster), binding);
    const schema = `"${checked(binding.schema)}"`;
    const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [binding.role]);
    // A role that is lost enters nothing.
    if (binding.role !== null && rowCount === 0) return;
    await client.query(`REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${grantee}`);
    await client.query(`REVOKE ALL ON SCHEMA ${schema} FROM ${grantee}`);
  }

  /**
   * Removes a schema with everything in it, and its role. Harmless when either is gone already. For what an operator has
   * confirmed by name; whatever goes by itself goes through SchemaRemoval.
   */
  async drop({ cluster: name, schema, role }: Pick<TenantBinding, 'cluster' | 'schema' | 'role'>): Promise<void> {
    const cluster = await this.clusters.get(name);
    const { owner } = cluster;
    // Behind whoever reads it, such as a backup, it gives up soon: the owner has few connections, and others wait for them.
    await this.run(cluster, schema, [`DROP SCHEMA IF EXISTS "${checked(schema)}" CASCADE`]);
    if (role === null) return;
    // A role that another database of the same server still needs goes with the schema there.
    if (await isUsedElsewhere(owner, role)) return;
    await owner.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(role)}`);
  }

  #newBinding(cluster: Cluster): TenantBinding {
    return this.bindingOf(cluster, `t_${randomBytes(8).toString('hex')}`);
  }

  #contents(version: number): string[] {
    return [
      ...this.script.upTo(version).flatMap(migrationStatements),
      ...(version === this.version ? this.script.seeds : []),
    ];
  }

  #creation(cluster: Cluster, binding: TenantBinding): string[] {
    return [
      ...this.#role(cluster, binding),
      `CREATE SCHEMA "${binding.schema}"`,
      // Before the default privileges: the ledger is the owner's, and no tenant may rewrite it.
      CREATE_LEDGER,
      ...grants(binding.schema, this.#grantee(cluster, binding)),
    ];
  }

  #role({ database }: Cluster, { role, home }: TenantBinding): string[] {
    if (role === null) return [];
    const login = pg.escapeIdentifier(database.homeLogin(home));
    const name = pg.escapeIdentifier(role);
    return [
      // Roles belong to a server: a second database of it may have made this one.
      `DO $$ BEGIN CREATE ROLE ${name} NOLOGIN NOINHERIT; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
      `GRANT ${name} TO ${login} WITH INHERIT FALSE, SET TRUE`,
    ];
  }

  #grantee({ database }: Cluster, { role, home }: TenantBinding): string {
    return pg.escapeIdentifier(role ?? database.homeLogin(home));
  }

  /** Whoever dies in between leaves the entry; whoever only fails takes it back. */
  async #runEntered(cluster: Cluster, binding: TenantBinding, version: number, script: string[]): Promise<void> {
    const { owner } = this.clusters.main;
    await owner.query(entry(binding, version, 'making'));
    try {
      await this.run(cluster, binding.schema, script);
    } catch (error) {
      // The answer alone may be lost, and the schema be there. What cannot be removed now is found by its entry.
      await this.drop(binding)
        .then(() => owner.query('DELETE FROM public.ready_schemas WHERE schema_name = $1', [binding.schema]))
        .catch(() => undefined);
      throw error;
    }
  }

  /** As one transaction of the owner's, in which `"@tenant"` stands for the schema. */
  async run({ name, owner }: Cluster, schema: string, statements: string[]): Promise<void> {
    const client = await owner.connect().catch((error: Error) => {
      throw new ClusterUnavailable(name, error.message, error);
    });
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

/** Without roles and without a login of the operator's, tenants are served as the owner. */
function isOwner({ database }: Cluster, grantee: string): boolean {
  return grantee === pg.escapeIdentifier(decodeURIComponent(new URL(database.ownerUrl).username));
}

/** By another database of the same server. */
export async function isUsedElsewhere(owner: pg.Pool, role: string): Promise<boolean> {
  const { rows } = await owner.query<{ used: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
                     WHERE d.refclassid = 'pg_authid'::regclass AND r.rolname = $1
                       AND d.dbid NOT IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))) AS used`,
    [role],
  );
  return rows[0]!.used;
}

/** Tables that later migrations make are reachable too: default privileges, by the one owner who migrates. */
function grants(schema: string, grantee: string): string[] {
  return [
    `GRANT USAGE ON SCHEMA "${schema}" TO ${grantee}`,
    `ALTER DEFAULT PRIVILEGES IN SCHEMA "${schema}" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${grantee}`,
    `ALTER DEFAULT PRIVILEGES IN SCHEMA "${schema}" GRANT USAGE ON SEQUENCES TO ${grantee}`,
  ];
}

function entry({ cluster, schema, role, home }: TenantBinding, version: number, state: 'making' | 'ready'): string {
  const values = [schema, role, cluster, state].map((value) => (value === null ? 'NULL' : pg.escapeLiteral(value)));
  return `INSERT INTO public.ready_schemas (schema_name, role_name, cluster, state, home, schema_version) VALUES (${values.join(', ')}, ${home}, ${version})`;
}

/** The one place where a schema's name becomes text outside the guard. */
export function checked(schema: string): string {
  if (!SCHEMA_NAME.test(schema)) throw new Error(`not a tenant schema: ${schema}`);
  return schema;
}
