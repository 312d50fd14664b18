import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { v7 as newId } from 'uuid';
import { ClustersService } from '../clusters/clusters.service.ts';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import type { SealedColumn } from '../platform/crypto/sealed-column.ts';
import { Clusters, type Cluster } from '../platform/database/clusters.ts';
import type { TenantBinding } from '../platform/database/lease.ts';
import { describeSchema } from '../platform/database/schema-fingerprint.ts';
import { SchemaManager, type SchemaLabel } from '../platform/database/schema-manager.ts';
import { SchemaMigrations } from '../platform/database/schema-migrations.ts';
import { SchemaRemoval, schemaOf, SchemaNotFound } from '../platform/database/schema-removal.ts';
import { TenantNotFound } from '../platform/tenancy/tenancy.errors.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { SEALED_TOTP } from '../second-factors/second-factors.types.ts';
import { SEALED_CLIENT_SECRET } from '../sign-in-providers/sign-in-providers.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { AdoptionRefused } from './adoption.errors.ts';
import { readKnownSchemas, readLedgers } from './doctor.queries.ts';

export interface Adoption {
  /** As it is called now: t_... or set_aside_... */
  schema: string;
  cluster: string;
  slug: string;
  /** Those that the schema says of itself when not given. */
  name?: string;
  plan?: string;
  /** Of the row that was lost. */
  id?: string;
  /** Under a new id: a copy of a tenant that is there becomes one of its own. */
  asNew?: boolean;
  /** Gives up what only the old id opens. */
  resetSecrets?: boolean;
  /** Although the schema differs from what its migrations make. */
  force?: boolean;
}

export interface Adopted {
  tenant: Tenant;
  /** What was lost with the old row, in a sentence each. */
  lost: string[];
}

/** A schema that could be looked at under the name that it had as a tenant's. */
interface Opened {
  client: pg.ClientBase;
  binding: TenantBinding;
  version: number;
}

/** Of grants nothing is asked: they are made anew. */
const GRANT = /^grant on /;
const SHOWN_LINES = 6;
/** Texts in these tables name the organisation's id: under another one nobody can present them. */
const NAMES_ID = ['tokens', 'sessions', 'api_keys'];

/** Makes the registry row anew for a schema whose row was lost, and removes one that is nobody's, each by its name. */
@Injectable()
export class AdoptionService {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly tenants: TenantsService,
    private readonly clusterList: ClustersService,
    private readonly clusters: Clusters,
    private readonly schemas: SchemaManager,
    private readonly migrations: SchemaMigrations,
    private readonly removal: SchemaRemoval,
    private readonly box: SecretBox,
  ) {}

  /**
   * Gives a schema to a tenant that is made for it, and serves it. Nothing is changed when it is refused.
   *
   * @throws AdoptionRefused, SchemaNotFound, SlugTaken, SlugNotAllowed, PlanMissing, ClusterNotFound, ClusterUnavailable
   */
  async adopt(wanted: Adoption): Promise<Adopted> {
    const schema = demandName(wanted.schema);
    await this.#demandUnknown(schema);
    await this.tenants.demandFree(wanted.slug);
    await this.clusterList.get(wanted.cluster);
    const cluster = await this.clusters.ask(wanted.cluster);
    const found = await this.removal.look(cluster, wanted.schema);
    if (!found) throw new SchemaNotFound(wanted.schema, wanted.cluster);
    const label = await this.schemas.labelOf(cluster, found.name);
    const { id, name, plan } = this.#identity(wanted, label);
    await this.tenants.demandPlan(plan);
    if (id !== null) await this.#demandUnusedId(id);
    const binding = this.schemas.bindingOf(cluster, schema);
    const tenantId = id ?? newId();
    const { version, lost } = await this.#open(cluster, found.name, binding, async (opened) => {
      if (!wanted.force) await this.#demandShape(cluster, opened);
      return this.#resetLost(opened, { id: tenantId, isNew: id === null, mayReset: wanted.resetSecrets === true });
    });
    const tenant = await this.tenants.enterAgain({ id: tenantId, slug: wanted.slug, name, plan }, binding, version);
    return { tenant, lost };
  }

  /**
   * Removes a schema that no tenant knows, whatever is in it.
   *
   * @param cluster where it is; looked for on all of them when not given
   * @throws AdoptionRefused, SchemaNotFound
   */
  async drop(name: string, cluster?: string): Promise<{ cluster: string; users: number | null }> {
    const schema = demandName(name);
    await this.#demandUnknown(schema);
    const names = cluster === undefined ? await this.clusters.listNames() : [cluster];
    if (cluster !== undefined) await this.clusterList.get(cluster);
    const places: { place: Cluster; users: number | null }[] = [];
    for (const each of names) {
      const place = await this.clusters.ask(each);
      const found = await this.removal.look(place, name);
      if (found?.name === name) places.push({ place, users: found.users });
    }
    if (places.length > 1)
      throw new AdoptionRefused(
        `There is a schema ${name} on ${places.map(({ place }) => place.name).join(' and ')}. Say which one: --cluster <name>`,
      );
    if (!places[0]) throw new SchemaNotFound(name, names.join(', '));
    await this.removal.dropByName(places[0].place, name);
    return { cluster: places[0].place.name, users: places[0].users };
  }

  async #demandUnknown(schema: string): Promise<void> {
    const known = (await readKnownSchemas(this.registry.manager)).find((each) => each.schema === schema);
    if (!known) return;
    const whose = {
      tenant: `The schema ${schema} is that of the tenant ${known.slug}.`,
      ready: `The schema ${schema} is one of those that wait for a sign-up; nobody is in it.`,
      making: `The schema ${schema} is being made at this moment. See: projectflow tenant doctor`,
      copy: `The schema ${schema} belongs to a move. See: projectflow tenant doctor. To take the move back: projectflow tenant move <slug> --undo`,
    };
    throw new AdoptionRefused(whose[known.as]);
  }

  #identity(wanted: Adoption, label: SchemaLabel | null): { id: string | null; name: string; plan: string } {
    if (wanted.asNew && wanted.id !== undefined)
      throw new AdoptionRefused('With --as-new the organisation gets an id of its own. Leave --id out.');
    if (wanted.id !== undefined && label?.tenant !== undefined && label.tenant !== wanted.id)
      throw new AdoptionRefused(
        `The schema says that it is of the tenant ${label.tenant} (${label.slug}), and --id says ${wanted.id}. Leave --id out.`,
      );
    const name = wanted.name ?? label?.name;
    if (name === undefined)
      throw new AdoptionRefused('The schema does not say how the organisation is called. Add: --name <name>');
    return {
      id: wanted.asNew ? null : (wanted.id ?? label?.tenant ?? null),
      name,
      plan: wanted.plan ?? label?.plan ?? 'free',
    };
  }

  async #demandUnusedId(id: string): Promise<void> {
    const other = await this.tenants.get(id).catch((error: unknown) => {
      if (error instanceof TenantNotFound) return null;
      throw error;
    });
    if (other)
      throw new AdoptionRefused(
        `The id ${id} is that of the tenant ${other.slug}, of which this may be a copy. To make it a tenant of its own: --as-new --reset-secrets`,
      );
  }

  /** Under its tenant's name and with its role's rights, in a transaction that is taken back when `work` fails. */
  async #open(
    cluster: Cluster,
    present: string,
    binding: TenantBinding,
    work: (opened: Opened) => Promise<string[]>,
  ): Promise<{ version: number; lost: string[] }> {
    const client = await cluster.owner.connect();
    try {
      await client.query(`BEGIN; SET LOCAL search_path = extensions; SET LOCAL lock_timeout = '2s'`);
      if (present !== binding.schema) await client.query(`ALTER SCHEMA "${present}" RENAME TO "${binding.schema}"`);
      const version = await this.#demandVersion(client, binding.schema);
      for (const statement of this.schemas.grantStatements(cluster, binding)) await client.query(statement);
      const lost = await work({ client, binding, version });
      await client.query('COMMIT');
      return { version, lost };
    } finally {
      await client.query('ROLLBACK').catch(() => undefined);
      client.release(true);
    }
  }

  /** What its ledger says. @throws AdoptionRefused when this release cannot serve it */
  async #demandVersion(client: pg.ClientBase, schema: string): Promise<number> {
    const ledger = (await readLedgers(client, [schema])).get(schema);
    const version = ledger?.at(-1);
    if (!ledger || version === undefined)
      throw new AdoptionRefused(
        `The schema ${schema} has no ledger of migrations: it is none of a tenant, or was never finished.`,
      );
    if (version > this.schemas.version)
      throw new AdoptionRefused(
        `The schema ${schema} is at ${version}, which only a newer release knows. Adopt it with that release.`,
      );
    const late = this.migrations.lacking(ledger, version);
    if (late.length > 0)
      throw new AdoptionRefused(
        `The ledger of ${schema} lacks ${late.join(', ')}, older than its version ${version}. Load a backup instead: projectflow tenant import <file> --slug <slug>`,
      );
    return version;
  }

  /** @throws AdoptionRefused with what differs from what its migrations make */
  async #demandShape(cluster: Cluster, { client, binding, version }: Opened): Promise<void> {
    const wanted = await this.schemas.withReference(cluster.name, version, async (reference, schema) =>
      (await describeSchema(reference, schema)).filter((line) => !GRANT.test(line)),
    );
    const real = (await describeSchema(client, binding.schema)).filter((line) => !GRANT.test(line));
    const lines = [
      ...wanted.filter((line) => !real.includes(line)).map((line) => `- ${line}`),
      ...real.filter((line) => !wanted.includes(line)).map((line) => `+ ${line}`),
    ];
    if (lines.length === 0) return;
    const more = lines.length > SHOWN_LINES ? [`... and ${lines.length - SHOWN_LINES} more`] : [];
    throw new AdoptionRefused(
      `The schema ${binding.schema} is not what its migrations make (- lacks, + has besides):\n  ${[...lines.slice(0, SHOWN_LINES), ...more].join('\n  ')}\n` +
        'Undo by hand what was changed by hand, or adopt it as it is: --force',
    );
  }

  /** What only the old row's id opens. @throws AdoptionRefused, naming it, unless it may be reset */
  async #resetLost(
    { client, binding: { schema } }: Opened,
    { id, isNew, mayReset }: { id: string; isNew: boolean; mayReset: boolean },
  ): Promise<string[]> {
    const providers = await this.#unreadable(client, schema, SEALED_CLIENT_SECRET, id);
    const factors = await this.#unreadable(client, schema, SEALED_TOTP, id);
    const named = isNew ? await countRows(client, schema, NAMES_ID) : 0;
    const lost = [
      ...(providers.length > 0
        ? [`${providers.length} client secrets of sign-in providers: each provider is given its secret again`]
        : []),
      ...(factors.length > 0 ? [`${factors.length} authenticators: their people enrol one anew`] : []),
      ...(named > 0 ? ['sessions, API keys and links in mails: people sign in anew, and keys are made anew'] : []),
      ...(isNew ? ['files: they lie in the folder of the old id'] : []),
    ];
    const mattering = providers.length + factors.length + named;
    if (mattering === 0) return lost;
    if (!mayReset)
      throw new AdoptionRefused(
        `${isNew ? 'The id that the tenant had is not known' : `Not all is of the tenant ${id}`}, and with it these are lost:\n  ${lost.join('\n  ')}\n` +
          'Give the id that it had (of its folder in FILES_DIR, of a backup, of the record of operators): --id <id>. Or give them up: --reset-secrets',
      );
    for (const row of providers)
      await client.query(`UPDATE "${schema}".sign_in_providers SET client_secret = NULL WHERE id = $1`, [row]);
    for (const row of factors)
      await client.query(`DELETE FROM "${schema}".credentials WHERE user_id = $1 AND type = 'totp'`, [row]);
    if (isNew)
      for (const table of NAMES_ID)
        if (await hasTable(client, schema, table)) await client.query(`DELETE FROM "${schema}"."${table}"`);
    return lost;
  }

  async #unreadable(
    client: pg.ClientBase,
    schema: string,
    { table, id, column, where = 'true', place }: SealedColumn,
    tenantId: string,
  ): Promise<string[]> {
    if (!(await hasTable(client, schema, table))) return [];
    const { rows } = await client.query<{ id: string; sealed: string }>(
      `SELECT ${id} AS id, ${column} AS sealed FROM "${schema}"."${table}" WHERE ${where} AND ${column} IS NOT NULL`,
    );
    return rows
      .filter((row) => {
        try {
          this.box.open(row.sealed, place(row.id, tenantId));
          return false;
        } catch {
          return true;
        }
      })
      .map((row) => row.id);
  }
}

/** @returns the name that it has as a tenant's @throws AdoptionRefused */
function demandName(name: string): string {
  const schema = schemaOf(name);
  if (schema === null)
    throw new AdoptionRefused(
      `${name} is not the name of a tenant's schema: those are called t_ or set_aside_ and 16 hexadecimal digits. projectflow tenant doctor lists those without a tenant.`,
    );
  return schema;
}

/** Older schemas lack some tables. */
async function hasTable(client: pg.ClientBase, schema: string, table: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    `"${schema}"."${table}"`,
  ]);
  return rows[0]!.there;
}

async function countRows(client: pg.ClientBase, schema: string, tables: string[]): Promise<number> {
  let count = 0;
  for (const table of tables) {
    if (!(await hasTable(client, schema, table))) continue;
    const { rows } = await client.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM "${schema}"."${table}"`);
    count += rows[0]!.rows;
  }
  return count;
}
