import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ClustersService } from '../clusters/clusters.service.ts';
import { Clusters, type Cluster } from '../platform/database/clusters.ts';
import { SchemaManager, type SchemaLabel } from '../platform/database/schema-manager.ts';
import { SchemaRemoval } from '../platform/database/schema-removal.ts';
import { MAX_ATTEMPTS } from '../platform/events/outbox-relay.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import {
  countGivenUp,
  listRoles,
  listSchemas,
  readKnownSchemas,
  serverOf,
  type KnownSchema,
} from './doctor.queries.ts';
import type { Examination, Finding } from './doctor.types.ts';
import { HalfDoneExamination } from './half-done-examination.service.ts';
import { SchemaExamination, type References } from './schema-examination.service.ts';

/** Schemas that one look at the catalogue takes. */
const CHUNK = 200;

/** What there is in a cluster's database. */
interface Place {
  cluster: Cluster;
  server: string;
  schemas: Set<string>;
  /** Of its server; empty where another cluster of the same server has told them. */
  roles: Set<string>;
}

/** Compares what the registry says with what there is, on every cluster, and knows what mends each difference. */
@Injectable()
export class DoctorService {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly tenants: TenantsService,
    private readonly clusterList: ClustersService,
    private readonly clusters: Clusters,
    private readonly schemas: SchemaManager,
    private readonly removal: SchemaRemoval,
    private readonly halfDone: HalfDoneExamination,
    private readonly schemaExamination: SchemaExamination,
  ) {}

  /** @param onLooked hears how many schemas were looked at */
  async examine(onLooked: (schemas: number) => void = () => undefined): Promise<Examination> {
    const tenants = await this.tenants.list();
    const looked = { clusters: 0, tenants: tenants.length, schemas: 0, roles: 0 };
    const findings = await this.halfDone.examine();
    const before = await readKnownSchemas(this.registry.manager);
    const places: Place[] = [];
    for (const summary of await this.clusterList.list()) {
      const { name } = summary;
      if (summary.tenants > summary.capacity) findings.push(full(name, summary.tenants, summary.capacity));
      try {
        const place = await this.#lookAt(await this.clusters.get(name), places);
        const here = tenants.filter(({ binding }) => binding.cluster === name && place.schemas.has(binding.schema));
        const references: References = new Map();
        for (let i = 0; i < here.length; i += CHUNK) {
          const chunk = here.slice(i, i + CHUNK);
          findings.push(...(await this.schemaExamination.examine(place.cluster, chunk, references)));
          looked.schemas += chunk.length;
          onLooked(looked.schemas);
        }
        findings.push(...(await this.#events(place.cluster)), ...(await this.#setAside(place.cluster)));
        places.push(place);
        looked.clusters += 1;
        looked.roles += place.roles.size;
      } catch (error) {
        findings.push(unreachable(name, error));
      }
    }
    findings.push(...(await this.#compareNames(before, places)), ...this.#behind(tenants, findings));
    return { looked, findings };
  }

  /** Whose version the registry has wrong is told already. */
  #behind(tenants: Tenant[], findings: Finding[]): Finding[] {
    const told = new Set(findings.filter(({ kind }) => kind === 'version_differs').map(({ subject }) => subject));
    const behind = tenants.filter(({ slug, schemaVersion }) => schemaVersion < this.schemas.version && !told.has(slug));
    if (behind.length === 0) return [];
    return [
      {
        kind: 'tenants_behind',
        cluster: this.clusters.main.name,
        subject: `${behind.length} of ${tenants.length} tenants`,
        message: `they are older than this release, which wants ${this.schemas.version}; their requests answer 503`,
        remedy: 'projectflow tenant migrate',
        mend: null,
      },
    ];
  }

  async #lookAt(cluster: Cluster, others: Place[]): Promise<Place> {
    const server = await serverOf(cluster.owner);
    return {
      cluster,
      server,
      schemas: new Set(await listSchemas(cluster.owner)),
      // Roles belong to a server: each is told once.
      roles: new Set(others.some((other) => other.server === server) ? [] : await this.#rolesOf(cluster)),
    };
  }

  #rolesOf({ owner, database }: Cluster): Promise<string[]> {
    return listRoles(owner, database.names.tenantRole('t_'));
  }

  /**
   * What is there without the registry's knowledge, and the other way round. Schemas are made and dropped, and change
   * hands, while we look. A schema is entered before or with its making and dropped before its entry goes: it belongs to
   * nobody only if the registry does not know it after we saw it, and it is there even then. What the registry knew before
   * and still knows, and was not there in between, is missing.
   */
  async #compareNames(before: KnownSchema[], places: Place[]): Promise<Finding[]> {
    const after = await readKnownSchemas(this.registry.manager);
    const known = new Set(after.map(({ schema }) => schema));
    const schemasThen = new Set(places.flatMap(({ schemas }) => [...schemas]));
    const findings: Finding[] = [];
    for (const place of places) {
      const { cluster } = place;
      const roleOf = (schema: string) => cluster.database.names.tenantRole(schema);
      const stray = [...place.schemas].filter((schema) => !known.has(schema));
      const strayRoles = [...place.roles].filter((role) => {
        const schema = role.slice(roleOf('').length);
        return !known.has(schema) && !schemasThen.has(schema);
      });
      if (stray.length + strayRoles.length > 0) {
        const still = new Set([...(await listSchemas(cluster.owner)), ...(await this.#rolesOf(cluster))]);
        for (const name of stray.filter((each) => still.has(each))) {
          const finding = await this.#strayed(cluster, name);
          if (finding) findings.push(finding);
        }
        findings.push(...strayRoles.filter((name) => still.has(name)).map((name) => this.#strayedRole(cluster, name)));
      }
      findings.push(...this.#missing(place, before, known));
    }
    return findings;
  }

  #missing({ cluster: { name }, schemas }: Place, before: KnownSchema[], known: Set<string>): Finding[] {
    return before.flatMap(({ schema, cluster, as, slug, status }): Finding[] => {
      if (cluster !== name || schemas.has(schema) || !known.has(schema)) return [];
      if (as === 'ready')
        return [
          {
            kind: 'ready_without_schema',
            cluster: name,
            subject: schema,
            message: 'it is entered as ready, and there is no such schema',
            remedy: 'remove the entry',
            mend: () => this.registry.query('DELETE FROM public.ready_schemas WHERE schema_name = $1', [schema]),
          },
        ];
      // A purge, or the removal of a sign-up, has dropped it already and will be finished.
      if (as !== 'tenant' || status === 'deleted' || status === 'provisioning') return [];
      return [
        {
          kind: 'tenant_without_schema',
          cluster: name,
          subject: slug!,
          message: `its schema ${schema} is not there`,
          remedy: `load a backup: projectflow tenant restore ${slug} --from <file>; or go back to the copy that a move has kept: projectflow tenant move ${slug} --undo --force`,
          mend: null,
        },
      ];
    });
  }

  /** Only what the schema itself shows to be nobody's is dropped: the registry may have lost a customer's row. */
  async #strayed(cluster: Cluster, schema: string): Promise<Finding | null> {
    const found = await this.removal.look(cluster, schema);
    if (!found) return null;
    const { name, database } = cluster;
    const role = database.tenantRoles ? database.names.tenantRole(schema) : null;
    const empty = found.users === 0;
    const about =
      found.users === null ? 'its users cannot be read' : empty ? 'nobody is in it' : `${found.users} people are in it`;
    return {
      kind: 'schema_without_tenant',
      cluster: name,
      subject: schema,
      message: `no tenant, no ready entry and no move knows this schema; ${about}`,
      remedy: empty
        ? 'drop it with its role'
        : `set it aside, closed to its role. If it is a customer's: ${adoption(name, schema)}`,
      mend: () => this.removal.remove({ cluster: name, schema, role }),
    };
  }

  async #setAside(cluster: Cluster): Promise<Finding[]> {
    const { name } = cluster;
    const kept = await this.removal.listSetAside(cluster);
    return Promise.all(
      kept.map(async (schema): Promise<Finding> => {
        const label = await this.schemas.labelOf(cluster, schema);
        const whose = label?.tenant ? `; it was ${label.slug}'s (${label.tenant})` : '';
        return {
          kind: 'schema_set_aside',
          cluster: name,
          subject: schema,
          message: `it was set aside: no tenant knows it, and it may hold a customer's data${whose}`,
          remedy: `give it to a tenant: ${await this.#adopting(name, schema, label)}; or remove it: projectflow tenant drop-orphan ${schema} --confirm ${schema}`,
          mend: null,
        };
      }),
    );
  }

  /** Where its tenant is there, a copy of it becomes one of its own. */
  async #adopting(cluster: string, schema: string, label: SchemaLabel | null): Promise<string> {
    if (!label) return adoption(cluster, schema);
    const rows = await this.registry.query<unknown[]>('SELECT 1 FROM public.tenants WHERE id = $1', [label.tenant]);
    if (rows.length === 0) return adoption(cluster, schema, label.slug);
    return `${adoption(cluster, schema, '<another slug>')} --as-new --reset-secrets`;
  }

  #strayedRole({ name, owner }: Cluster, role: string): Finding {
    return {
      kind: 'role_without_schema',
      cluster: name,
      subject: role,
      message: 'no schema belongs to this role',
      remedy: 'drop it',
      mend: () => owner.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(role)}`),
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

function adoption(cluster: string, schema: string, slug = '<slug>'): string {
  return `projectflow tenant adopt ${schema} --slug ${slug} --cluster ${cluster}`;
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
