import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ClustersService } from '../clusters/clusters.service.ts';
import { MovesService } from '../moves/moves.service.ts';
import { Clusters, type Cluster } from '../platform/database/clusters.ts';
import type { TenantBinding } from '../platform/database/lease.ts';
import { ReadyPool } from '../platform/database/ready-pool.ts';
import { describeSchema, fingerprints } from '../platform/database/schema-fingerprint.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import { SchemaMigrations } from '../platform/database/schema-migrations.ts';
import { MAX_ATTEMPTS } from '../platform/events/outbox-relay.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { TenantDeletionService } from '../tenants/tenant-deletion.service.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { countGivenUp, listRoles, listSchemas, readLedgers, serverOf } from './doctor.queries.ts';
import type { Examination, Finding } from './doctor.types.ts';

/** Far longer than a sign-up can take: a request ends after 30 s. */
const HALF_MADE_MS = 10 * 60_000;
const KEPT_LONG_MS = 7 * 24 * 60 * 60_000;
/** Schemas that one look at the catalogue takes. */
const CHUNK = 200;
const SHOWN_LINES = 6;

/** Compares what the registry says with what there is, on every cluster, and knows what mends each difference. */
@Injectable()
export class DoctorService {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly tenants: TenantsService,
    private readonly deletion: TenantDeletionService,
    private readonly moves: MovesService,
    private readonly clusterList: ClustersService,
    private readonly clusters: Clusters,
    private readonly schemas: SchemaManager,
    private readonly migrations: SchemaMigrations,
    // eslint-disable-next-line max-params -- it looks at everything
    private readonly readyPool: ReadyPool,
  ) {}

  /** @param onLooked hears how many schemas were looked at */
  async examine(onLooked: (schemas: number) => void = () => undefined): Promise<Examination> {
    const tenants = await this.tenants.list();
    const looked = { clusters: 0, tenants: tenants.length, schemas: 0, roles: 0 };
    const findings = await this.#halfDone();
    const kept = await this.#keptSchemas();
    const rolesOfServers = new Map<string, { cluster: Cluster; roles: string[]; schemas: Set<string> }>();
    for (const summary of await this.clusterList.list()) {
      const { name } = summary;
      if (summary.tenants > summary.capacity) findings.push(full(name, summary.tenants, summary.capacity));
      let cluster: Cluster;
      let found: string[];
      try {
        cluster = await this.clusters.get(name);
        found = await listSchemas(cluster.owner);
        const server = await serverOf(cluster.owner);
        const known = rolesOfServers.get(server);
        if (known) for (const schema of found) known.schemas.add(schema);
        else {
          const roles = await listRoles(cluster.owner, cluster.database.names.tenantRole('t_'));
          rolesOfServers.set(server, { cluster, roles, schemas: new Set(found) });
        }
      } catch (error) {
        findings.push(unreachable(name, error));
        continue;
      }
      looked.clusters += 1;
      const here = tenants.filter((tenant) => tenant.binding.cluster === name);
      findings.push(...this.#compareNames(cluster, here, found, kept));
      const there = here.filter((tenant) => found.includes(tenant.binding.schema));
      for (let i = 0; i < there.length; i += CHUNK) {
        findings.push(...(await this.#lookInto(cluster, there.slice(i, i + CHUNK))));
        looked.schemas += Math.min(CHUNK, there.length - i);
        onLooked(looked.schemas);
      }
      findings.push(...(await this.#events(cluster)));
    }
    for (const { cluster, roles, schemas } of rolesOfServers.values()) {
      looked.roles += roles.length;
      findings.push(...this.#roles(cluster, roles, schemas, kept));
    }
    return { looked, findings };
  }

  async #halfDone(): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (const tenant of await this.tenants.findAbandoned(new Date(Date.now() - HALF_MADE_MS)))
      findings.push({
        kind: 'half_made_tenant',
        cluster: tenant.binding.cluster,
        subject: tenant.slug,
        message: 'its sign-up was never completed',
        remedy: 'remove it',
        mend: () => this.tenants.abandon(tenant),
      });
    for (const binding of await this.readyPool.findAbandoned())
      findings.push({
        kind: 'half_made_schema',
        cluster: binding.cluster,
        subject: binding.schema,
        message: 'somebody died while making or filling it',
        remedy: 'remove it',
        mend: () => this.readyPool.discard(binding),
      });
    for (const move of await this.moves.list({ open: true })) {
      const { slug: subject, from } = move;
      if (move.state === 'copying')
        findings.push({
          kind: 'move_unfinished',
          cluster: from.cluster,
          subject,
          message: `a ${move.reason} was begun at ${move.startedAt.toISOString()} and is not finished`,
          remedy: 'serve it from where it was, unless somebody is still at it',
          mend: () => this.moves.undoDead(),
        });
      else if (Date.now() - move.startedAt.getTime() > KEPT_LONG_MS)
        findings.push({
          kind: 'old_copy_kept',
          cluster: from.cluster,
          subject,
          message: `what it had before a ${move.reason} is kept since ${move.startedAt.toISOString()}`,
          remedy: `projectflow tenant move ${subject} --confirm`,
          mend: null,
        });
    }
    for (const slug of await this.deletion.findDue())
      findings.push({
        kind: 'purge_unfinished',
        cluster: (await this.tenants.getBySlug(slug)).binding.cluster,
        subject: slug,
        message: 'its grace period is over and it is still there',
        remedy: 'purge it',
        mend: () => this.deletion.purge(slug, slug),
      });
    return findings;
  }

  /** Schemas that belong to somebody besides the tenants: ready ones, and old copies. */
  async #keptSchemas(): Promise<Map<string, { ready: boolean; cluster: string }>> {
    const rows = await this.registry.query<{ schema: string; cluster: string; ready: boolean }[]>(
      `SELECT schema_name AS schema, cluster, state = 'ready' AS ready FROM public.ready_schemas
        UNION ALL
       SELECT place ->> 'schema', place ->> 'cluster', false
         FROM public.tenant_moves CROSS JOIN LATERAL (VALUES (from_place), (to_place)) AS places (place)
        WHERE state IN ('copying', 'switched') AND place IS NOT NULL`,
    );
    return new Map(rows.map(({ schema, ...rest }) => [schema, rest]));
  }

  #compareNames(
    { name, database }: Cluster,
    tenants: Tenant[],
    found: string[],
    kept: Map<string, { ready: boolean; cluster: string }>,
  ): Finding[] {
    const findings: Finding[] = [];
    const there = new Set(found);
    const owned = new Set(tenants.map((tenant) => tenant.binding.schema));
    for (const schema of found) {
      if (owned.has(schema) || kept.has(schema)) continue;
      const role = database.tenantRoles ? database.names.tenantRole(schema) : null;
      findings.push({
        kind: 'schema_without_tenant',
        cluster: name,
        subject: schema,
        message: 'no tenant, no ready entry and no move knows this schema',
        remedy: 'drop it with its role',
        mend: () => this.schemas.drop({ cluster: name, schema, role }),
      });
    }
    for (const tenant of tenants) {
      if (there.has(tenant.binding.schema) || tenant.status === 'provisioning') continue;
      // A purge that has dropped it already is finished by the purge.
      if (tenant.status === 'deleted') continue;
      findings.push({
        kind: 'tenant_without_schema',
        cluster: name,
        subject: tenant.slug,
        message: `its schema ${tenant.binding.schema} is not there`,
        remedy: `load a backup: projectflow tenant restore ${tenant.slug} --from <file>`,
        mend: null,
      });
    }
    for (const [schema, { ready, cluster }] of kept) {
      if (!ready || cluster !== name || there.has(schema)) continue;
      findings.push({
        kind: 'ready_without_schema',
        cluster: name,
        subject: schema,
        message: 'it is entered as ready, and there is no such schema',
        remedy: 'remove the entry',
        mend: () => this.registry.query('DELETE FROM public.ready_schemas WHERE schema_name = $1', [schema]),
      });
    }
    return findings;
  }

  #roles(cluster: Cluster, roles: string[], schemas: Set<string>, kept: Map<string, unknown>): Finding[] {
    const prefix = cluster.database.names.tenantRole('');
    return roles
      .filter((role) => !schemas.has(role.slice(prefix.length)) && !kept.has(role.slice(prefix.length)))
      .map((role) => ({
        kind: 'role_without_schema',
        cluster: cluster.name,
        subject: role,
        message: 'no schema belongs to this role',
        remedy: 'drop it',
        mend: () => cluster.owner.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(role)}`),
      }));
  }

  /** Ledgers against the registry, and every schema against what its version's migrations make. */
  async #lookInto(cluster: Cluster, tenants: Tenant[]): Promise<Finding[]> {
    const findings: Finding[] = [];
    const names = tenants.map((tenant) => tenant.binding.schema);
    const ledgers = await readLedgers(cluster.owner, names);
    const client = await cluster.owner.connect();
    let marks: Map<string, string>;
    try {
      marks = await fingerprints(client, names);
    } finally {
      client.release();
    }
    const expected = new Map<number, string>();
    for (const tenant of tenants) {
      const ledger = ledgers.get(tenant.binding.schema) ?? [];
      const version = ledger.at(-1) ?? 0;
      const late = this.migrations.lacking(ledger, version);
      if (version !== tenant.schemaVersion || late.length > 0)
        findings.push(this.#versionDiffers(tenant, version, late));
      if (late.length > 0 || version > this.schemas.version) continue;
      if (!expected.has(version)) expected.set(version, await this.#markOf(cluster.name, version));
      if (marks.get(tenant.binding.schema) !== expected.get(version))
        findings.push(await this.#drift(cluster, tenant, version));
    }
    return findings;
  }

  #versionDiffers(tenant: Tenant, version: number, late: string[]): Finding {
    return {
      kind: 'version_differs',
      cluster: tenant.binding.cluster,
      subject: tenant.slug,
      message:
        late.length > 0
          ? `its ledger lacks ${late.join(', ')}, older than its version ${version}`
          : `its ledger says ${version}, the registry ${tenant.schemaVersion}`,
      remedy: late.length > 0 ? 'apply what is missing' : 'correct the registry',
      mend: async () => {
        if (late.length > 0) await this.migrations.migrate(tenant.binding);
        else
          await this.registry.query('UPDATE public.tenants SET schema_version = $2 WHERE id = $1', [
            tenant.id,
            version,
          ]);
        await this.tenants.forget(tenant);
      },
    };
  }

  async #markOf(cluster: string, version: number): Promise<string> {
    return this.schemas.withReference(cluster, version, async (client, schema) => {
      return (await fingerprints(client, [schema])).get(schema)!;
    });
  }

  async #drift(cluster: Cluster, { slug, binding }: Tenant, version: number): Promise<Finding> {
    const { missing, extra } = await this.#difference(cluster, binding, version);
    const lines = [...missing.map((line) => `- ${line}`), ...extra.map((line) => `+ ${line}`)];
    const onlyGrants = lines.every((line) => line.slice(2).startsWith('grant '));
    const more = lines.length > SHOWN_LINES ? [`… and ${lines.length - SHOWN_LINES} more`] : [];
    return {
      kind: 'drift',
      cluster: cluster.name,
      subject: slug,
      message: `its schema is not what its migrations make:\n    ${[...lines.slice(0, SHOWN_LINES), ...more].join('\n    ')}`,
      remedy: onlyGrants ? 'grant what is missing' : 'undo by hand what was changed by hand, or load a backup',
      mend: onlyGrants ? () => this.schemas.mendGrants(binding) : null,
    };
  }

  async #difference(cluster: Cluster, { schema }: TenantBinding, version: number) {
    const client = await cluster.owner.connect();
    let real: Set<string>;
    try {
      real = new Set(await describeSchema(client, schema));
    } finally {
      client.release();
    }
    const wanted = new Set(
      await this.schemas.withReference(cluster.name, version, (reference, name) => describeSchema(reference, name)),
    );
    return {
      missing: [...wanted].filter((line) => !real.has(line)),
      extra: [...real].filter((line) => !wanted.has(line)),
    };
  }

  async #events({ name, platform }: Cluster): Promise<Finding[]> {
    const events = await countGivenUp(platform, MAX_ATTEMPTS);
    if (events === 0) return [];
    return [
      {
        kind: 'events_given_up',
        cluster: name,
        subject: name,
        message: `${events} events were not heard after ${MAX_ATTEMPTS} attempts; platform.outbox has the errors`,
        remedy: 'try them again',
        mend: () =>
          platform.query('UPDATE platform.outbox SET attempts = 0, next_attempt_at = now() WHERE attempts >= $1', [
            MAX_ATTEMPTS,
          ]),
      },
    ];
  }
}

function unreachable(cluster: string, error: unknown): Finding {
  const reason = error instanceof Error && 'reason' in error ? String(error.reason) : String(error);
  return {
    kind: 'cluster_unreachable',
    cluster,
    subject: cluster,
    message: `it cannot be reached: ${reason}`,
    remedy: `check the server, or its address: projectflow cluster change ${cluster} --url <url>`,
    mend: null,
  };
}

function full(cluster: string, tenants: number, capacity: number): Finding {
  return {
    kind: 'cluster_full',
    cluster,
    subject: cluster,
    message: `${tenants} tenants live there, and it is meant for ${capacity}`,
    remedy: 'add a cluster, move tenants, or raise its capacity: projectflow cluster --help',
    mend: null,
  };
}
