import { Injectable } from '@nestjs/common';
import type { Readable, Writable } from 'node:stream';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import type { ArchiveManifest } from '../platform/archive/archive-format.ts';
import { copySchema } from '../platform/archive/copy-schema.ts';
import type { LeaveOut } from '../platform/archive/left-out.ts';
import { openArchive, type Archive } from '../platform/archive/open-archive.ts';
import { beginSnapshot } from '../platform/archive/snapshot.ts';
import { assertWhole } from '../platform/archive/whole-schema.ts';
import { writeArchive } from '../platform/archive/write-archive.ts';
import { ClustersService } from '../clusters/clusters.service.ts';
import { TenantSwitch } from '../moves/tenant-switch.service.ts';
import { Clusters } from '../platform/database/clusters.ts';
import type { TenantBinding } from '../platform/database/lease.ts';
import { ReadyPool } from '../platform/database/ready-pool.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import { SchemaMigrations } from '../platform/database/schema-migrations.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { ArchivedFiles, type FileIntake } from './archived-files.service.ts';
import { ArchiveOfAnother, ArchiveTooNew, ArchiveWithoutPasswords } from './archives.errors.ts';
import type { NewTenant, OnRows, Restored } from './archives.types.ts';
import { inTotal } from './transfer-total.rules.ts';

/** What must not leave the house, and is of no use elsewhere: who is signed in, and what passwords are. */
const SECRETS = {
  sessions: true,
  sign_in_providers: ['client_secret'],
  tokens: true,
  // Who people are at a sign-in provider is no secret, and spares them to be linked again.
  credentials: { where: `type <> 'identity'` },
  api_keys: true,
  // Pictures of people are no part of an archive.
  users: ['avatar'],
} satisfies LeaveOut;
const TOUCH_MS = 60_000;

interface RestoreOptions {
  ofAnother?: boolean;
  cluster?: string;
  onRows?: OnRows;
}

/** Whole tenants as archives, and out of archives. The operators' verbs: they run outside any tenant, without a TenantContext. */
@Injectable()
export class TenantArchives {
  constructor(
    private readonly tenants: TenantsService,
    private readonly clusterList: ClustersService,
    private readonly clusters: Clusters,
    private readonly schemas: SchemaManager,
    private readonly migrations: SchemaMigrations,
    private readonly readyPool: ReadyPool,
    private readonly switching: TenantSwitch,
    private readonly files: ArchivedFiles,
  ) {}

  /**
   * Writes a tenant as it is at this moment; it goes on being served. A backup holds everything; without secrets nobody
   * can sign in with what is in it, and people get new passwords after it was loaded. `out` is destroyed when it fails.
   *
   * @throws OperatorError when the schema lacks a table or column of its version
   */
  async write(
    tenant: Tenant,
    out: Writable,
    { secrets, onRows = () => undefined }: { secrets: boolean; onRows?: OnRows },
  ): Promise<ArchiveManifest> {
    const { cluster, schema } = tenant.binding;
    try {
      return await this.#asOwner(cluster, async (client) => {
        const from = await beginSnapshot(client, schema);
        await assertWhole(this.schemas, cluster, from);
        const { id, slug, name, plan } = tenant;
        const leaveOut = secrets ? {} : SECRETS;
        return writeArchive({
          from,
          facts: { id, slug, name, plan, secrets },
          leaveOut,
          files: this.files.of(id, from),
          out,
          onProgress: inTotal(onRows),
        });
      });
    } catch (error) {
      // Or whoever reads from it would wait for ever when nothing was written at all.
      out.destroy(error as Error);
      throw error;
    }
  }

  /**
   * Makes a new tenant of an archive, also of an older version and from another installation: its rows are loaded into a
   * schema of their version, which is then brought to this one. Nothing is left when it fails.
   *
   * @throws SlugTaken, SlugNotAllowed, PlanMissing, ClusterNotFound, ArchiveTooNew, NoClusterForTenant, ArchiveRefused
   */
  async import(source: Readable, wanted: NewTenant, onRows: OnRows = () => undefined): Promise<Tenant> {
    const archive = await openArchive(source);
    try {
      const { facts, schemaVersion } = archive.head;
      this.#guardVersion(schemaVersion);
      const name = wanted.name ?? String(facts['name'] ?? wanted.slug);
      return await this.#make({ ...wanted, name }, schemaVersion, async (client, schema, { onFile }) => {
        await archive.load({ client, schema, onFile, onProgress: inTotal(onRows) });
        await signOutAll(client, schema);
      });
    } finally {
      archive.close();
    }
  }

  /** A second tenant with the same contents, made while the first one is served. Nobody is signed in to it. */
  async clone(slug: string, wanted: NewTenant, onRows: OnRows = () => undefined): Promise<Tenant> {
    const original = await this.tenants.getBySlug(slug);
    const { cluster, schema } = original.binding;
    const version = await this.schemas.versionOf(original.binding);
    const copy = { ...wanted, name: wanted.name ?? original.name, plan: wanted.plan ?? original.plan };
    return this.#make(copy, version, (client, target, files) =>
      this.#asOwner(cluster, async (source) => {
        const from = await beginSnapshot(source, schema);
        await assertWhole(this.schemas, cluster, from);
        await copySchema({ from, to: { client, schema: target }, onProgress: inTotal(onRows) });
        await this.files.copy({ tenantId: original.id, snapshot: from }, files);
        await signOutAll(client, target);
      }),
    );
  }

  /**
   * Puts a tenant back to what an archive holds. It is served until the archive is loaded and checked; then it is switched.
   * What it had is kept until the restore is confirmed, like the old copy of a move. It may be lost: schema, role, or the
   * whole cluster, where another one is given.
   *
   * @param cluster where it is to live; where it lived when not given
   * @param ofAnother the archive may be another tenant's: its people and their passwords then take the place of this one's
   * @throws TenantNotFound, NotMovable, MoveOpen, ArchiveOfAnother, ArchiveTooNew, ArchiveWithoutPasswords, ArchiveRefused
   */
  async restore(
    slug: string,
    source: Readable,
    { ofAnother = false, cluster, onRows = () => undefined }: RestoreOptions = {},
  ): Promise<Restored> {
    const tenant = await this.tenants.getBySlug(slug);
    const archive = await openArchive(source);
    try {
      this.#guardVersion(archive.head.schemaVersion);
      const { id, slug: archived, secrets } = archive.head.facts;
      if (id !== tenant.id && !ofAnother) throw new ArchiveOfAnother(slug, String(archived));
      if (secrets === false) throw new ArchiveWithoutPasswords();
      if (cluster !== undefined && cluster !== tenant.binding.cluster) await this.clusterList.demandRoom(cluster);
      return await this.#restore(tenant, cluster ?? tenant.binding.cluster, archive, onRows);
    } finally {
      archive.close();
    }
  }

  /** Whether an archive is whole and unchanged. @throws ArchiveRefused */
  async verify(source: Readable): Promise<{ head: object; rows: number; files: number }> {
    const archive = await openArchive(source);
    const manifest = await archive.verify();
    return { head: archive.head, rows: rowsOf(manifest), files: manifest.files.length };
  }

  async #restore(tenant: Tenant, cluster: string, archive: Archive, onRows: OnRows): Promise<Restored> {
    const change = await this.switching.begin(tenant, 'restore', cluster, archive.head.schemaVersion);
    const touching = this.#touch(change.target);
    const files = this.files.intake(tenant.id);
    try {
      const { destination: client, target } = change;
      await client.query('BEGIN');
      const { schema } = target;
      const { onFile } = files;
      const manifest = await archive.load({ client, schema, onFile, onProgress: inTotal(onRows) });
      await client.query('COMMIT');
      await this.#bringUp(target);
      await this.switching.pause(change);
      const rows = rowsOf(manifest);
      const windowMs = await this.switching.finish(change, rows);
      await this.switching.close(change);
      return { slug: tenant.slug, rows, windowMs, archivedAt: archive.head.createdAt };
    } catch (error) {
      await this.switching.undo(change, error);
      await files.undo().catch(() => undefined);
      throw error;
    } finally {
      clearInterval(touching);
    }
  }

  async #make(
    wanted: NewTenant & { name: string },
    version: number,
    fill: (client: pg.Client, schema: string, files: FileIntake) => Promise<void>,
  ): Promise<Tenant> {
    const plan = wanted.plan ?? 'free';
    // Before the long work: most wishes that cannot be fulfilled are known by now.
    await this.tenants.demandFree(wanted.slug);
    await this.tenants.demandPlan(plan);
    if (wanted.cluster !== undefined) await this.clusterList.demandRoom(wanted.cluster);
    const cluster = wanted.cluster ?? (await this.clusterList.place({ plan, region: wanted.region ?? null }));
    const target = await this.schemas.provisionFor(cluster, version);
    const touching = this.#touch(target);
    // Known before there is a tenant, because its files lie under it.
    const id = newId();
    const files = this.files.intake(id);
    try {
      await this.#asOwner(cluster, async (client) => {
        await client.query('BEGIN');
        await fill(client, target.schema, files);
        await client.query('COMMIT');
      });
      await this.#bringUp(target);
      // Pictures of people stay with the original. Now, because an older schema does not know them.
      await this.#asOwner(cluster, (client) =>
        client.query(`UPDATE "${target.schema}".users SET avatar = NULL WHERE avatar IS NOT NULL`),
      );
      const { slug, name } = wanted;
      const entered = await this.tenants.adopt({ id, slug, name, plan }, target, this.schemas.version);
      // No longer a copy that may be dropped, before anybody can enter.
      await this.tenants.label(entered);
      return await this.tenants.activate(entered);
    } catch (error) {
      await this.readyPool.discard(target).catch(() => undefined);
      await files.undo().catch(() => undefined);
      throw error;
    } finally {
      clearInterval(touching);
    }
  }

  async #bringUp(target: TenantBinding): Promise<void> {
    await this.migrations.migrate(target);
    await this.schemas.seed(target);
  }

  #guardVersion(version: number): void {
    if (version > this.schemas.version) throw new ArchiveTooNew(version, this.schemas.version);
  }

  #touch(target: TenantBinding): NodeJS.Timeout {
    return setInterval(() => void this.readyPool.touch(target).catch(() => undefined), TOUCH_MS);
  }

  /** A connection of its own: the owner's few are for short work. */
  async #asOwner<T>(cluster: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const { database } = await this.clusters.get(cluster);
    const client = new pg.Client({ connectionString: database.ownerUrl, application_name: 'projectflow archive' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** Sessions and keys of the original are of no use to a second tenant: their texts name the first. */
async function signOutAll(client: pg.Client, schema: string): Promise<void> {
  for (const table of ['tokens', 'sessions', 'api_keys']) await client.query(`DELETE FROM "${schema}"."${table}"`);
}

function rowsOf(manifest: ArchiveManifest): number {
  return manifest.tables.reduce((sum, table) => sum + table.rows, 0);
}
