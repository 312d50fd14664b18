import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LessThan, type Repository } from 'typeorm';
import { v7 as newId } from 'uuid';
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
    const { tenant, actor } = ctx;
    if ((await this.records.countBy({ tenantId: tenant.id })) >= MOST) throw new ExportsFull(MOST);
    const id = newId();
    await this.records.insert({
      id,
      tenantId: tenant.id,
      reason: 'export',
      state: 'queued',
      requestedBy: actor.userId,
    });
    await this.jobs.send(
      WRITE_EXPORT,
      { archiveId: id, tenantId: tenant.id },
      { tenantId: tenant.id, singletonKey: id },
    );
    return this.get(ctx, id);
  }

  /** @throws ArchiveMissing, ArchiveNotReady */
  async open(ctx: TenantContext, id: string): Promise<{ name: string; bytes: number; stream: ReadStream }> {
    const { state, file, bytes } = await this.get(ctx, id);
    if (state !== 'ready' || file === null) throw new ArchiveNotReady(state);
    const stream = createReadStream(await this.files.pathTo(ctx.tenant.id, file));
    return { name: `${ctx.tenant.slug}-${file}`, bytes: Number(bytes), stream };
  }

  /** @throws ArchiveMissing */
  async remove(ctx: TenantContext, id: string): Promise<void> {
    const record = await this.get(ctx, id);
    await this.#remove(record);
  }

  /** The job. Writing begins anew each time: what a process that died has left is overwritten. */
  async write({ archiveId, tenantId }: { archiveId: string; tenantId: string }, run: JobRun): Promise<void> {
    const record = await this.records.findOneBy({ id: archiveId, tenantId });
    // Removed while it waited.
    if (!record || record.state === 'ready') return;
    await this.records.update({ id: archiveId }, { state: 'writing', error: null });
    const file = `export-${archiveId}.pft`;
    const path = await this.files.pathTo(tenantId, file);
    const draft = `${path}.part`;
    try {
      const sum = createHash('sha256');
      const out = summing(sum);
      const onRows = this.#reporter(archiveId, run);
      const [manifest] = await Promise.all([
        this.archives.write(await this.tenants.get(tenantId), out, { secrets: false, onRows }),
        pipeline(out, createWriteStream(draft, { mode: 0o600 })),
      ]);
      await rename(draft, path);
      const { size } = await stat(path);
      const rows = String(manifest.tables.reduce((total, table) => total + table.rows, 0));
      const keepDays = await this.settings.get('archives.keep-days');
      await this.records.update(
        { id: archiveId },
        {
          state: 'ready',
          file,
          bytes: String(size),
          sha256: sum.digest('hex'),
          rows,
          rowsExpected: rows,
          finishedAt: new Date(),
          expiresAt: new Date(Date.now() + keepDays * DAY_MS),
        },
      );
    } catch (error) {
      await rm(draft, { force: true });
      const again = run.attempt < WRITE_EXPORT.attempts ? ' It is tried again.' : '';
      await this.records.update({ id: archiveId }, { state: 'failed', error: `It could not be written.${again}` });
      throw error;
    }
  }

  /** @returns how many were removed */
  async removeExpired(): Promise<number> {
    const expired = await this.records.findBy({ expiresAt: LessThan(new Date()) });
    for (const record of expired) await this.#remove(record);
    return expired.length;
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

/** Sums up what goes through. */
function summing(sum: ReturnType<typeof createHash>): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sum.update(chunk);
      done(null, chunk);
    },
  });
}
