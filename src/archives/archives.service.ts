import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream, type ReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Between, In, LessThan, type Repository } from 'typeorm';
import { v7 as newId } from 'uuid';
import { audit } from '../platform/audit/audit.ts';
import { TenantFiles } from '../platform/files/tenant-files.ts';
import type { JobRun } from '../platform/jobs/job.ts';
import { Jobs } from '../platform/jobs/jobs.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { SystemSettingsService } from '../settings/settings.service.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { ArchiveRecord } from './archive.entity.ts';
import { ArchiveMissing, ArchiveNotReady, ExportsFull } from './archives.errors.ts';
import { WRITE_EXPORT } from './archives.types.ts';
import { TenantArchives } from './tenant-archives.service.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const MOST = 10;
const MINUTE_MS = 60_000;
/** What is not written by then never will be. */
const PATIENCE_MS = DAY_MS;

/** Exports that organisations ask for. Their rows lie in the registry; every verb is bound to ctx.tenant. */
@Injectable()
export class ArchivesService {
  constructor(
    @InjectRepository(ArchiveRecord) private readonly records: Repository<ArchiveRecord>,
    private readonly archives: TenantArchives,
    private readonly tenants: TenantsService,
    private readonly files: TenantFiles,
    private readonly settings: SystemSettingsService,
    private readonly jobs: Jobs,
  ) {}

  list(ctx: TenantContext): Promise<ArchiveRecord[]> {
    return this.records.find({ where: { tenantId: ctx.tenant.id }, order: { createdAt: 'DESC', id: 'DESC' } });
  }

  /** @throws ArchiveMissing */
  async get(ctx: TenantContext, id: string): Promise<ArchiveRecord> {
    const record = await this.records.findOneBy({ id, tenantId: ctx.tenant.id });
    if (!record) throw new ArchiveMissing();
    return record;
  }

  /** Has an export written in the background. @throws ExportsFull */
  async request(ctx: TenantContext): Promise<ArchiveRecord> {
    const { id: tenantId } = ctx.tenant;
    const record = { id: newId(), tenantId };
    await this.tenants.inTurn(ctx.tenant, async (transaction) => {
      if ((await transaction.countBy(ArchiveRecord, { tenantId })) >= MOST) throw new ExportsFull(MOST);
      const requestedBy = ctx.actor.userId;
      await transaction.insert(ArchiveRecord, { ...record, reason: 'export', state: 'queued', requestedBy });
    });
    await this.#send(record);
    await audit(ctx, { action: 'export.requested', target: { type: 'export', id: record.id } });
    return this.get(ctx, record.id);
  }

  /** @throws ArchiveMissing, also when its file is gone, ArchiveNotReady */
  async open(ctx: TenantContext, id: string): Promise<{ name: string; bytes: number; stream: ReadStream }> {
    const { state, file, bytes } = await this.get(ctx, id);
    if (state !== 'ready' || file === null) throw new ArchiveNotReady(state);
    // Before the answer has begun: afterwards it could only be broken off.
    const handle = await open(await this.files.pathTo(ctx.tenant.id, file)).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new ArchiveMissing() : error;
    });
    await audit(ctx, { action: 'export.downloaded', target: { type: 'export', id } });
    return { name: `${ctx.tenant.slug}-${file}`, bytes: Number(bytes), stream: handle.createReadStream() };
  }

  /** @throws ArchiveMissing */
  async remove(ctx: TenantContext, id: string): Promise<void> {
    const record = await this.get(ctx, id);
    await this.#remove(record);
    await audit(ctx, { action: 'export.removed', target: { type: 'export', id } });
  }

  /**
   * The job. Writing begins anew each time, in a file of its own, so that an attempt which was given up and is still alive
   * spoils nothing: its file is gone, and it finds nothing to rename.
   */
  async write(order: { archiveId: string; tenantId: string }, run: JobRun): Promise<void> {
    const record = await this.records.findOneBy({ id: order.archiveId, tenantId: order.tenantId });
    // Removed while it waited.
    if (!record || record.state === 'ready') return;
    const { id, tenantId } = record;
    const file = `export-${id}.pft`;
    try {
      await this.records.update({ id }, { state: 'writing', error: null });
      await this.files.removeLike(tenantId, `${file}.`);
      const written = await this.#write(record, file, run);
      const end = { state: 'ready' as const, file, ...written, ...(await this.#end()) };
      const { affected } = await this.records.update({ id }, end);
      // Removed while it was written.
      if (!affected) await this.files.remove(tenantId, file);
    } catch (error) {
      const again = run.attempt < WRITE_EXPORT.attempts;
      // Somebody else takes it up, or has done so, and says what becomes of it.
      if (run.signal.aborted && again) throw error;
      const end = again ? {} : await this.#end();
      const message = `It could not be written.${again ? ' It is tried again.' : ''}`;
      await this.records.update({ id, state: 'writing' }, { state: 'failed', error: message, ...end });
      throw error;
    }
  }

  /** @returns how many were removed */
  async removeExpired(): Promise<number> {
    const expired = await this.records.findBy({ expiresAt: LessThan(new Date()) });
    for (const record of expired) await this.#remove(record);
    return expired.length;
  }

  /** Those that nobody works on any more: told to nobody by a process that died, or given up with the process at work on it. */
  async resume(): Promise<void> {
    const now = Date.now();
    const state = In(['queued', 'writing']);
    const forgotten = Between(new Date(now - PATIENCE_MS), new Date(now - MINUTE_MS));
    for (const record of await this.records.findBy({ state, createdAt: forgotten })) await this.#send(record);
    await this.records.update(
      { state, createdAt: LessThan(new Date(now - PATIENCE_MS)) },
      { state: 'failed', error: 'It could not be written.', ...(await this.#end()) },
    );
  }

  /** Once, however often it is called: while a job for it is unfinished, no other one is made. */
  async #send({ id, tenantId }: Pick<ArchiveRecord, 'id' | 'tenantId'>): Promise<void> {
    await this.jobs.send(WRITE_EXPORT, { archiveId: id, tenantId }, { tenantId, singletonKey: id });
  }

  async #write(
    { id, tenantId }: ArchiveRecord,
    file: string,
    run: JobRun,
  ): Promise<Pick<ArchiveRecord, 'bytes' | 'sha256' | 'rows' | 'rowsExpected'>> {
    const path = await this.files.pathTo(tenantId, file);
    const draft = `${path}.${randomBytes(4).toString('hex')}`;
    const sum = createHash('sha256');
    let bytes = 0;
    const out = watching((chunk) => {
      sum.update(chunk);
      bytes += chunk.length;
    });
    try {
      const tenant = await this.tenants.get(tenantId);
      const [manifest] = await Promise.all([
        this.archives.write(tenant, out, { secrets: false, onRows: this.#reporter(id, run) }),
        pipeline(out, createWriteStream(draft, { mode: 0o600 })),
      ]);
      await rename(draft, path);
      const rows = String(manifest.tables.reduce((total, table) => total + table.rows, 0));
      return { bytes: String(bytes), sha256: sum.digest('hex'), rows, rowsExpected: rows };
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async #end(): Promise<Pick<ArchiveRecord, 'finishedAt' | 'expiresAt'>> {
    const keepDays = await this.settings.get('archives.keep-days');
    return { finishedAt: new Date(), expiresAt: new Date(Date.now() + keepDays * DAY_MS) };
  }

  /** Tells the job's queue at once and the record each second; ends the work when the attempt is over. */
  #reporter(id: string, run: JobRun): (done: number, total: number) => void {
    let told = 0;
    return (done, total) => {
      run.signal.throwIfAborted();
      run.progress(done, total);
      if (Date.now() - told < 1_000) return;
      told = Date.now();
      const progress = { rows: String(done), rowsExpected: String(total) };
      this.records.update({ id, state: 'writing' }, progress).catch(() => undefined);
    };
  }

  async #remove({ id, tenantId, file }: ArchiveRecord): Promise<void> {
    if (file !== null) await this.files.remove(tenantId, file);
    await this.records.delete({ id, tenantId });
  }
}

/** Shows what goes through. */
function watching(see: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      see(chunk);
      done(null, chunk);
    },
  });
}
