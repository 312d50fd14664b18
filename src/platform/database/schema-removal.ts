import pg from 'pg';
import { AppError } from '../errors/app-error.ts';
import type { Cluster, Clusters } from './clusters.ts';
import { sqlState } from './database-problem.ts';
import type { TenantBinding } from './lease.ts';
import { checked, FILLING, isUsedElsewhere, type SchemaManager } from './schema-manager.ts';
import { removeTenantRows } from './tenant-rows.ts';

/** A schema that is kept although nothing in the registry knows it; the rest of the name is that of the tenant's schema. */
const SET_ASIDE = 'set_aside_';
const SET_ASIDE_NAME = /^set_aside_([0-9a-f]{16})(_[0-9]{1,4})?$/;

/** Raised by the script when the schema is in use after all, or when that cannot be decided. */
const IN_USE = 'PF003';

/**
 * What makes a schema one that may be dropped without a command that names it:
 * `empty`: there is no user in it. `filling`: that, or it still bears the mark of a copy that was never switched to.
 * `sign-up`: that, or it holds no more than the owner that a sign-up makes, who has never signed in.
 */
export type Removable = 'empty' | 'filling' | 'sign-up';

export type Removal = { outcome: 'dropped' } | { outcome: 'set aside'; name: string };

/** What is in a schema. */
export interface SchemaContents {
  /** The name that it has at the moment. */
  name: string;
  /** Rows of `users`; 0 in a schema without tables; null when that table is not there or cannot be read. */
  users: number | null;
}

/** The schema has gone, or somebody made one of the same name. */
export class SchemaNotFound extends AppError {
  constructor(schema: string, cluster: string) {
    super('missing', 'schema_not_found', `There is no schema ${schema} on the cluster ${cluster}.`);
  }
}

/**
 * Removes schemas that the registry does not need, as far as nobody's data goes with them. A registry can be wrong (an old
 * copy, a row that was lost), so what is in the schema decides: whatever may be a customer's is renamed and closed instead.
 */
export class SchemaRemoval {
  constructor(
    private readonly clusters: Clusters,
    private readonly schemas: SchemaManager,
  ) {}

  /** Drops the schema with its role if it is `removable`, and sets it aside otherwise. Harmless when it is gone. */
  async remove(
    binding: Pick<TenantBinding, 'cluster' | 'schema' | 'role'>,
    removable: Removable = 'empty',
  ): Promise<Removal> {
    const cluster = await this.clusters.get(binding.cluster);
    try {
      await this.schemas.run(cluster, binding.schema, [
        guard(binding.schema, removable),
        `DROP SCHEMA IF EXISTS "${checked(binding.schema)}" CASCADE`,
      ]);
    } catch (error) {
      if (sqlState(error) !== IN_USE) throw error;
      return { outcome: 'set aside', name: await this.setAside(binding) };
    }
    await this.#dropRole(cluster, binding.role);
    await removeTenantRows(cluster.platform, binding.schema);
    return { outcome: 'dropped' };
  }

  /**
   * Drops the schema of a tenant that is purged, with its rows in the schema `platform`, whatever is in it. One that says of itself that it is
   * another tenant's is set aside: the registry may be older than it.
   */
  async removeOf(tenantId: string, binding: TenantBinding): Promise<Removal> {
    const cluster = await this.clusters.get(binding.cluster);
    const label = await this.schemas.labelOf(cluster, binding.schema);
    if (label !== null && label.tenant !== tenantId)
      return { outcome: 'set aside', name: await this.setAside(binding) };
    await this.schemas.drop(binding);
    await removeTenantRows(cluster.platform, binding.schema);
    return { outcome: 'dropped' };
  }

  /** Renames the schema and takes it from its role, so that no login can enter it. @returns its new name */
  async setAside({ cluster: name, schema, role }: Pick<TenantBinding, 'cluster' | 'schema' | 'role'>): Promise<string> {
    const cluster = await this.clusters.get(name);
    const kept = await this.#freeName(cluster, schema);
    await this.schemas.run(cluster, schema, [
      closed(schema),
      `REVOKE ALL ON SCHEMA "${checked(schema)}" FROM PUBLIC`,
      `ALTER SCHEMA "${schema}" RENAME TO "${kept}"`,
    ]);
    await this.#dropRole(cluster, role);
    return kept;
  }

  /** Those that were set aside on a cluster, by their present names. */
  async listSetAside({ owner }: Cluster): Promise<string[]> {
    const { rows } = await owner.query<{ name: string }>(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname ~ '${SET_ASIDE_NAME.source}' ORDER BY 1`,
    );
    return rows.map((row) => row.name);
  }

  /**
   * What is in a schema.
   *
   * @param name its present name; by that of a tenant's it is found where it was set aside, too
   * @returns null when it is not there
   */
  async look(cluster: Cluster, name: string): Promise<SchemaContents | null> {
    const { rows } = await cluster.owner.query<{ name: string }>(
      `SELECT nspname AS name FROM pg_namespace
        WHERE nspname = $1 OR substring(nspname FROM '${SET_ASIDE_NAME.source}') = substring($1 FROM '^t_(.*)$')
        ORDER BY nspname = $1 DESC, nspname LIMIT 1`,
      [name],
    );
    if (!rows[0]) return null;
    const found = rows[0].name;
    const users = await cluster.owner
      .query<{ users: number }>(`SELECT count(*)::int AS users FROM "${found}".users`)
      .then(
        ({ rows: [counted] }) => counted!.users,
        async () => {
          const relations = await cluster.owner.query(
            'SELECT 1 FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) LIMIT 1',
            [found],
          );
          return relations.rowCount === 0 ? 0 : null;
        },
      );
    return { name: found, users };
  }

  /** Drops a schema by its present name, whatever is in it. @throws SchemaNotFound */
  async dropByName(cluster: Cluster, name: string): Promise<void> {
    const schema = schemaOf(name);
    const { rowCount } = await cluster.owner.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [name]);
    if (!schema || rowCount !== 1) throw new SchemaNotFound(name, cluster.name);
    await this.schemas.run(cluster, schema, [`DROP SCHEMA "${name}" CASCADE`]);
    const { tenantRoles, names } = cluster.database;
    await this.#dropRole(cluster, tenantRoles ? names.tenantRole(schema) : null);
  }

  /** A schema of the same tenant may have been set aside before. */
  async #freeName({ owner }: Cluster, schema: string): Promise<string> {
    const name = `${SET_ASIDE}${checked(schema).slice(2)}`;
    const { rows } = await owner.query<{ name: string }>(
      `SELECT nspname AS name FROM pg_namespace WHERE substring(nspname FROM '${SET_ASIDE_NAME.source}') = $1`,
      [schema.slice(2)],
    );
    const taken = new Set(rows.map((row) => row.name));
    for (let number = 1; ; number += 1) {
      const candidate = number === 1 ? name : `${name}_${number}`;
      if (!taken.has(candidate)) return candidate;
    }
  }

  async #dropRole({ owner }: Cluster, role: string | null): Promise<void> {
    // A role that another database of the same server still needs goes with the schema there.
    if (role === null || (await isUsedElsewhere(owner, role))) return;
    await owner.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(role)}`);
  }
}

/** The tenant's schema that a name stands for, set aside or not; null for a name of another form. */
export function schemaOf(name: string): string | null {
  const [, kept] = SET_ASIDE_NAME.exec(name) ?? [];
  if (kept !== undefined) return `t_${kept}`;
  return /^t_[0-9a-f]{16}$/.test(name) ? name : null;
}

/** Under a lock that keeps everybody out until the transaction ends: nobody signs up in between. */
function guard(schema: string, removable: Removable): string {
  const name = checked(schema);
  const filling = `obj_description('"${name}"'::regnamespace, 'pg_namespace') IS NOT DISTINCT FROM '${FILLING}'`;
  const used =
    removable === 'sign-up'
      ? `(SELECT count(*) FROM "${name}".users) > 1 OR EXISTS (SELECT FROM "${name}".sessions) OR EXISTS (SELECT FROM "${name}".projects)`
      : `EXISTS (SELECT FROM "${name}".users)`;
  return `DO $$ DECLARE used boolean := true; BEGIN
    IF to_regnamespace('"${name}"') IS NULL THEN RETURN; END IF;
    IF NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = '"${name}"'::regnamespace) THEN RETURN; END IF;
    ${removable === 'empty' ? '' : `IF ${filling} THEN RETURN; END IF;`}
    BEGIN
      LOCK TABLE "${name}".users IN ACCESS EXCLUSIVE MODE;
      SELECT ${used} INTO used;
    EXCEPTION WHEN undefined_table OR undefined_column OR wrong_object_type OR insufficient_privilege THEN used := true;
    END;
    IF used THEN RAISE EXCEPTION USING ERRCODE = '${IN_USE}', MESSAGE = 'the schema ${name} is in use'; END IF;
  END $$`;
}

/** Takes everything in the schema from everybody but its owner. */
function closed(schema: string): string {
  const name = checked(schema);
  return `DO $$ DECLARE grantee text; BEGIN
    FOR grantee IN
      SELECT DISTINCT quote_ident(rolname) FROM pg_roles r WHERE r.oid IN (
        SELECT (aclexplode(nspacl)).grantee FROM pg_namespace WHERE nspname = '${name}'
         UNION SELECT (aclexplode(relacl)).grantee FROM pg_class WHERE relnamespace = '"${name}"'::regnamespace
         UNION SELECT (aclexplode(defaclacl)).grantee FROM pg_default_acl WHERE defaclnamespace = '"${name}"'::regnamespace)
        AND r.oid <> (SELECT nspowner FROM pg_namespace WHERE nspname = '${name}')
    LOOP
      EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA "${name}" FROM %s', grantee);
      EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA "${name}" FROM %s', grantee);
      EXECUTE format('REVOKE ALL ON SCHEMA "${name}" FROM %s', grantee);
      EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA "${name}" REVOKE ALL ON TABLES FROM %s', grantee);
      EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA "${name}" REVOKE ALL ON SEQUENCES FROM %s', grantee);
    END LOOP;
  END $$`;
}
