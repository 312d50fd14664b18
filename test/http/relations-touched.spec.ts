import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { News } from '../../src/platform/cache/news.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type Person } from '../support/tenant.ts';

/**
 * What a request makes a connection learn: each table that a statement names is loaded with all of its indexes, once for each
 * tenant on each connection. With thousands of tenants that is what most of their requests cost.
 */
interface Touched {
  tables: string[];
  relations: number;
}

interface Sent {
  text: string;
  values: unknown[];
}

let app: TestApp;
let mia: Person;
let taskId: string;
let schema: string;
/** What went to the server while a test listened. */
let heard: Sent[] | null = null;
const { query } = pg.Client.prototype;

beforeAll(async () => {
  pg.Client.prototype.query = function (this: pg.Client, ...args: any[]) {
    const text = typeof args[0] === 'string' ? args[0] : args[0]?.text;
    const values = (Array.isArray(args[1]) ? args[1] : args[0]?.values) ?? [];
    if (heard && typeof text === 'string') heard.push({ text, values });
    return (query as any).apply(this, args);
  } as typeof query;
  app = await startApp({ settings: { ACTOR_CACHE_SECONDS: '300' } });
  const acme = await signUp(app);
  mia = await acme.join('Mia', 'member');
  const project = await acme.project('First', [[mia, 'member']]);
  taskId = (await acme.task(project.id, { assigneeId: mia.id })).id;
  const sql = await sqlOf(app, acme);
  [{ schema }] = (await sql(`SELECT schema_name AS schema FROM public.tenants WHERE slug = $1`, acme.slug)) as [any];
  await eventually(async () => expect(app.nest.get(News).isComplete).toBe(true));
});
afterAll(async () => {
  pg.Client.prototype.query = query;
  await app?.stop();
});

/** What the server locked for the statements of a request: tables by name, and all relations with their indexes. */
async function touchedBy(ask: () => Promise<unknown>): Promise<Touched> {
  heard = [];
  await ask();
  const sent = heard.filter(({ text }) => text.includes(`"${schema}"`));
  heard = null;
  const client = new pg.Client({ connectionString: app.database.url });
  await client.connect();
  try {
    await client.query('SET search_path = extensions; BEGIN');
    for (const { text, values } of sent) await client.query(text, values);
    const { rows } = await client.query<{ name: string; kind: string }>(
      `SELECT DISTINCT relname AS name, relkind AS kind FROM pg_locks JOIN pg_class c ON c.oid = relation
        WHERE pid = pg_backend_pid() AND relnamespace = $1::regnamespace`,
      [schema],
    );
    return {
      tables: rows.flatMap(({ name, kind }) => (kind === 'r' ? name : [])).sort(),
      relations: rows.length,
    };
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
    await client.end();
  }
}

describe('the relations of a request', () => {
  const readTask = async () => expectStatus(await mia.get(`/tasks/${taskId}`), 200);

  it('for one task of somebody who is known are few', async () => {
    await readTask();
    // A change that was made just now may be heard once more: the fewest of several are what it needs.
    const several = [];
    for (let time = 0; time < 4; time += 1) several.push(await touchedBy(readTask));
    const touched = several.reduce((least, each) => (each.relations < least.relations ? each : least));
    expect(touched.tables).toContain('tasks');
    expect(touched.tables.length).toBeLessThanOrEqual(4);
    expect(touched.relations).toBeLessThanOrEqual(20);
  });
});
