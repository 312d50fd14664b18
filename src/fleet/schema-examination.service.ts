import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Cluster } from '../platform/database/clusters.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import { describeSchema, fingerprints } from '../platform/database/schema-fingerprint.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import { SchemaMigrations } from '../platform/database/schema-migrations.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { readHomes, readLedgers } from './doctor.queries.ts';
import type { Finding } from './doctor.types.ts';

const SHOWN_LINES = 6;
const ATTEMPTS = 5;
/** One of many schemas was dropped while the catalogue was read: no such table, schema or entry. */
const VANISHED = new Set(['42P01', '3F000', 'XX000']);
/** What the schema's own role, or its home, may do: that can be set right without asking anybody. */
const TABLE = /^table (\w+): /;
const OWN_GRANT = /^grant on .* to (?:@role|@home): /;

/** What a schema of a version is made of, on one cluster. */
interface Reference {
  mark: string;
  lines: Set<string>;
}

interface Suspect {
  tenant: Tenant;
  version: number;
  /** Migrations that its ledger lacks although they are older than its version. */
  late: string[];
  drifted: boolean;
  /** Logins that may enter as its role, and what keeps its own from it; null where that is as it should be. */
  home: string | null;
}

/** References by version, for one examination of one cluster: making one takes as long as making a tenant. */
export type References = Map<number, Reference>;

/** Ledgers against the registry, and every schema against what its version's migrations make. */
@Injectable()
export class SchemaExamination {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly tenants: TenantsService,
    private readonly schemas: SchemaManager,
    private readonly migrations: SchemaMigrations,
  ) {}

  /** @param tenants whose schemas are on that cluster; some hundred at a time */
  async examine(cluster: Cluster, tenants: Tenant[], references: References): Promise<Finding[]> {
    const suspects = await this.#suspects(cluster, tenants, references);
    if (suspects.length === 0) return [];
    // What was migrated, moved or removed between two of our looks is looked at again, as it is now.
    const now = await Promise.all(suspects.map(({ tenant }) => this.tenants.get(tenant.id).catch(() => null)));
    const still = now.filter((tenant, i) => tenant?.binding.schema === suspects[i]!.tenant.binding.schema);
    const confirmed = await this.#suspects(
      cluster,
      still.filter((tenant) => tenant !== null),
      references,
    );
    const findings: Finding[] = [];
    for (const suspect of confirmed) {
      const { tenant, version, late, drifted } = suspect;
      if (late.length > 0 || version !== tenant.schemaVersion) findings.push(this.#versionDiffers(suspect));
      if (drifted) findings.push(...(await this.#drift(cluster, tenant, references.get(version)!)));
      if (suspect.home !== null) findings.push(this.#wrongHome(cluster, suspect, suspect.home));
    }
    return findings;
  }

  async #suspects(cluster: Cluster, tenants: Tenant[], references: References): Promise<Suspect[]> {
    const names = tenants.map((tenant) => tenant.binding.schema);
    const { ledgers, marks, homes } = await this.#read(
      cluster,
      names,
      tenants.flatMap(({ binding }) => binding.role ?? []),
    );
    const suspects: Suspect[] = [];
    for (const tenant of tenants) {
      const { schema } = tenant.binding;
      const ledger = ledgers.get(schema);
      // Without a ledger nothing can be said of its version; that the ledger is missing, is what its drift will say.
      const version = ledger ? (ledger.at(-1) ?? 0) : tenant.schemaVersion;
      const late = ledger ? this.migrations.lacking(ledger, version) : [];
      // Of what a later release made nothing is known, and what lacks a migration differs anyway.
      const comparable = late.length === 0 && version <= this.schemas.version;
      const drifted =
        comparable && marks.get(schema) !== (await this.#reference(cluster.name, version, references)).mark;
      const home = wrongHome(cluster, tenant, homes);
      if (late.length > 0 || version !== tenant.schemaVersion || drifted || home !== null)
        suspects.push({ tenant, version, late, drifted, home });
    }
    return suspects;
  }

  async #read(
    { owner }: Cluster,
    names: string[],
    roles: string[],
  ): Promise<{ ledgers: Map<string, number[]>; marks: Map<string, string>; homes: Map<string, string[]> }> {
    for (let attempt = 1; ; attempt += 1) {
      const client = await owner.connect();
      try {
        const [ledgers, marks] = [await readLedgers(client, names), await fingerprints(client, names)];
        return { ledgers, marks, homes: await readHomes(client, roles) };
      } catch (error) {
        if (attempt === ATTEMPTS || !VANISHED.has(sqlState(error) ?? '')) throw error;
      } finally {
        // It remembers every object that it described.
        client.release(true);
      }
    }
  }

  async #reference(cluster: string, version: number, references: References): Promise<Reference> {
    const known = references.get(version);
    if (known) return known;
    const made = await this.schemas.withReference(cluster, version, async (client, schema) => ({
      mark: (await fingerprints(client, [schema])).get(schema)!,
      lines: new Set(await describeSchema(client, schema)),
    }));
    references.set(version, made);
    return made;
  }

  #wrongHome({ name }: Cluster, { tenant }: Suspect, message: string): Finding {
    return {
      kind: 'wrong_home',
      cluster: name,
      subject: tenant.slug,
      message,
      remedy: 'let the login of its home enter as its role, and no other',
      mend: async () => {
        await this.schemas.mendHome(tenant.binding);
        await this.schemas.mendGrants(tenant.binding);
      },
    };
  }

  #versionDiffers({ tenant, version, late }: Suspect): Finding {
    const { id, slug, binding, schemaVersion } = tenant;
    return {
      kind: 'version_differs',
      cluster: binding.cluster,
      subject: slug,
      message:
        late.length > 0
          ? `its ledger lacks ${late.join(', ')}, older than its version ${version}`
          : `its ledger says ${version}, the registry ${schemaVersion}`,
      remedy: late.length > 0 ? 'apply what is missing' : 'correct the registry',
      mend: async () => {
        if (late.length > 0) await this.migrations.migrate(binding);
        else
          await this.registry.query(
            'UPDATE public.tenants SET schema_version = $3 WHERE id = $1 AND schema_name = $2',
            [id, binding.schema, await this.schemas.versionOf(binding)],
          );
        await this.tenants.forget(tenant);
      },
    };
  }

  async #drift({ name, owner }: Cluster, { slug, binding }: Tenant, { lines: wanted }: Reference): Promise<Finding[]> {
    const client = await owner.connect();
    let real: Set<string>;
    try {
      real = new Set(await describeSchema(client, binding.schema));
    } finally {
      client.release();
    }
    const missing = [...wanted].filter((line) => !real.has(line));
    const extra = [...real].filter((line) => !wanted.has(line));
    const lines = [...missing.map((line) => `- ${line}`), ...extra.map((line) => `+ ${line}`)];
    const gone = missing.flatMap((line) => TABLE.exec(line)?.[1] ?? []);
    const isGrant = (line: string) => OWN_GRANT.test(line.slice(2));
    const finding = (shown: string[], remedy: string, mend: Finding['mend']): Finding => {
      const more = shown.length > SHOWN_LINES ? [`… and ${shown.length - SHOWN_LINES} more`] : [];
      const list = [...shown.slice(0, SHOWN_LINES), ...more].join('\n    ');
      const message = `its schema ${binding.schema} is not what its migrations make (- lacks, + has besides):\n    ${list}`;
      return { kind: 'drift', cluster: name, subject: slug, message, remedy, mend };
    };
    // Apart, so that what keeps a tenant from being served is mended whatever else differs.
    const [grants, others] = [lines.filter(isGrant), lines.filter((line) => !isGrant(line))];
    if (gone.length > 0)
      return [
        {
          kind: 'drift',
          cluster: name,
          subject: slug,
          message: `its schema ${binding.schema} has lost the tables ${gone.join(', ')}`,
          remedy: `load a backup: projectflow tenant restore ${slug} --from <file>`,
          mend: null,
        },
      ];
    return [
      ...(grants.length > 0
        ? [finding(grants, 'give its role exactly what it needs', () => this.schemas.mendGrants(binding))]
        : []),
      ...(others.length > 0 ? [finding(others, 'undo by hand what was changed by hand, or load a backup', null)] : []),
    ];
  }
}

function wrongHome({ database }: Cluster, { binding }: Tenant, homes: Map<string, string[]>): string | null {
  if (binding.role === null) return null;
  const wanted = database.homeLogin(binding.home);
  const logins = homes.get(binding.role);
  if (!logins) return `its role ${binding.role} is not there`;
  // Whoever makes roles on a server without being a superuser is a member of each.
  const others = logins.filter((login) => login !== wanted && login.startsWith(`${database.names.installation}_home_`));
  if (logins.includes(wanted) && others.length === 0) return null;
  return `the registry has it in home ${binding.home} (${wanted}), and its role is entered by ${logins.join(', ') || 'no login'}`;
}
