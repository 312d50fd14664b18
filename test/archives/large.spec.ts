import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TenantArchives } from '../../src/archives/tenant-archives.service.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

const ROWS = 100_000;
/** The rows take 100 MB as text. */
const ROW_BYTES = 1_000;
/** Whoever gathered the rows would hold half of them at half of the time. */
const BOUND = 32 * 1_048_576;
const LOOK_MS = 200;
const PATIENCE_MS = 180_000;

let app: TestApp;
let acme: TestTenant;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'projectflow-large-'));
  app = await startApp();
  acme = await signUp(app);
  const { id } = await acme.project('Large');
  const { binding } = await app.nest.get(TenantsService).getBySlug(acme.slug);
  await app.owner.query(
    `INSERT INTO "${binding.schema}".tasks (id, project_id, title, description, status, status_category, priority, reporter_id, position)
     SELECT gen_random_uuid(), $1, 'Task ' || n, repeat(md5(n::text), ${Math.ceil(ROW_BYTES / 32)}), 'todo', 'todo', 'low', $2, 'v' || lpad(n::text, 6, '0')
       FROM generate_series(1, ${ROWS}) n`,
    [id, acme.owner.id],
  );
}, PATIENCE_MS);
afterAll(async () => {
  await app.stop();
  await rm(folder, { recursive: true, force: true });
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/**
 * Bytes that were held, on the heap and in buffers beside it, more than before, at half of the time: buffers that are free
 * are given back a while later, so a single look may see many that nobody holds.
 */
async function growthDuring(work: () => Promise<unknown>): Promise<number> {
  const held = () => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = held();
  const looks: number[] = [];
  let watch: NodeJS.Timeout;
  // Collecting takes long where much is held by others: the work must get most of the time all the same.
  const look = () => {
    const began = performance.now();
    looks.push(held() - before);
    watch = setTimeout(look, LOOK_MS + 5 * (performance.now() - began));
  };
  watch = setTimeout(look, LOOK_MS);
  try {
    await work();
  } finally {
    clearTimeout(watch);
  }
  return looks.sort((a, b) => a - b)[Math.floor(looks.length / 2)] ?? 0;
}

describe('a tenant of a hundred thousand rows', () => {
  it(
    'is written and loaded without anybody holding it in memory',
    async () => {
      const [archives, file] = [app.nest.get(TenantArchives), join(folder, 'large.pft')];
      const tenant = await app.nest.get(TenantsService).getBySlug(acme.slug);
      const writing = await growthDuring(async () => {
        const out = new PassThrough();
        await Promise.all([archives.write(tenant, out, { secrets: true }), pipeline(out, createWriteStream(file))]);
      });
      expect((await stat(file)).size).toBeGreaterThan(5_000_000);
      const loading = await growthDuring(() => archives.import(createReadStream(file), { slug: 'large-copy' }));
      expect(Math.max(writing, loading)).toBeLessThan(BOUND);
      const { binding } = await app.nest.get(TenantsService).getBySlug('large-copy');
      const { rows } = await app.owner.query(
        `SELECT count(*)::int AS rows, sum(length(description))::int AS bytes FROM "${binding.schema}".tasks`,
      );
      expect(rows).toEqual([{ rows: ROWS, bytes: ROWS * Math.ceil(ROW_BYTES / 32) * 32 }]);
    },
    PATIENCE_MS,
  );
});
