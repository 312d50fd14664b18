import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';
import { fillTenant } from './many-tasks.ts';

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  Plans?: Node[];
}

interface Sent {
  text: string;
  values: unknown[];
}

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let projectId: string;
let milestoneId: string;
let taskId: string;
let commentId: string;
let entryId: string;
let schema: string;
/** By any of the plans. */
const usedIndexes = new Set<string>();
let explainer: pg.Client;
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
  app = await startApp();
  acme = await signUp(app);
  mia = await acme.join('Mia', 'member');
  const sql = await sqlOf(app, acme);
  [{ schema }] = (await sql(`SELECT schema_name AS schema FROM public.tenants WHERE slug = $1`, acme.slug)) as [any];
  projectId = (await acme.project('First', [[mia, 'member']])).id;
  const milestone = await acme.owner.post(`/projects/${projectId}/milestones`, { name: 'Launch' });
  milestoneId = expectStatus(milestone, 201).data.id;
  await fillTenant(sql, { projectId, milestoneId, ownerId: acme.owner.id, memberId: mia.id });
  taskId = (await acme.task(projectId)).id;
  commentId = expectStatus(await mia.post(`/tasks/${taskId}/comments`, { body: 'one' }), 201).data.id;
  expectStatus(await mia.patch(`/comments/${commentId}`, { body: 'two' }), 200);
  const entry = { date: '2026-05-05', hours: 1 };
  entryId = expectStatus(await mia.post(`/tasks/${taskId}/time-entries`, entry), 201).data.id;
  explainer = new pg.Client({ connectionString: app.database.url });
  await explainer.connect();
  // As the logins of tenants have it.
  await explainer.query('SET search_path = extensions');
}, 120_000);
afterAll(async () => {
  pg.Client.prototype.query = query;
  await explainer?.end();
  await app?.stop();
});

/** The plans of everything that a request reads from the tenant's tables, each carried out once more. */
async function plansOf(who: Person, path: string): Promise<{ text: string; plan: Node }[]> {
  expectStatus(await who.get(path), 200);
  heard = [];
  const answer = await who.get(path);
  const sent = heard;
  heard = null;
  expectStatus(answer, 200);
  const reads = sent.filter(({ text }) => text.includes(`"${schema}"`) && /^\s*(SELECT|WITH)\b/i.test(text));
  expect(reads.length).toBeGreaterThan(0);
  const plans = [];
  for (const { text, values } of reads) {
    const { rows } = await explainer.query(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`, values);
    plans.push({ text, plan: rows[0]['QUERY PLAN'][0].Plan as Node });
  }
  return plans;
}

function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const each of node.Plans ?? []) yield* nodesOf(each);
}

const rowsOut = (node: Node) => (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1);
/** A tenth of the tasks has a comment: few enough that reading all of them may be the best that there is. */
const LARGE = new Set(['tasks', 'history', 'search_entries']);
const PAGE = 21;

describe('on 100,000 tasks', () => {
  it.each<[name: string, path: () => string, mostSorted: number, as: 'owner' | 'member']>([
    ['a project by position', () => `/projects/${projectId}/tasks?sort=position`, PAGE, 'member'],
    ['a project by creation', () => `/projects/${projectId}/tasks`, PAGE, 'member'],
    ['a project by due date', () => `/projects/${projectId}/tasks?sort=dueDate`, PAGE, 'member'],
    ['all tasks by creation', () => '/tasks', PAGE, 'owner'],
    ['my open tasks', () => '/tasks?assigneeId=me&statusCategory=todo,doing', PAGE, 'member'],
    ['a status of a project', () => `/projects/${projectId}/tasks?status=in_progress&sort=position`, PAGE, 'member'],
    [
      'what is overdue',
      () => `/projects/${projectId}/tasks?dueDate[lt]=today&statusCategory[nin]=done,cancelled&sort=dueDate`,
      PAGE,
      'member',
    ],
    ['a frequent tag', () => '/tasks?tags=label-1', 6_000, 'owner'],
    ['a rare tag', () => '/tasks?tags=rare', 200, 'owner'],
    ['a milestone', () => `/projects/${projectId}/tasks?milestoneId=${milestoneId}`, 600, 'member'],
    ['a part of titles', () => '/tasks?title[contains]=rocket', 2_000, 'owner'],
    ['words in a list', () => '/tasks?q=rocket', 2_000, 'owner'],
    ['a board', () => `/projects/${projectId}/board`, PAGE, 'member'],
    ['a search with a word', () => '/search?q=rocket%20', 3_000, 'owner'],
    ['a search with a beginning', () => '/search?q=rock', 3_000, 'owner'],
    ['a search with a typing error', () => '/search?q=rcoket', 2_000, 'owner'],
    ['a search of a member', () => '/search?q=rocket', 3_000, 'member'],
    ['what happened in a project', () => `/projects/${projectId}/activity`, 200, 'member'],
    ['what happened to a task', () => `/tasks/${taskId}/history`, PAGE, 'member'],
    ['the former texts of a comment', () => `/comments/${commentId}/history`, PAGE, 'member'],
    ['what happened to a time entry', () => `/time-entries/${entryId}/history`, PAGE, 'member'],
  ])('%s is read by indexes, and sorts no more than the page needs', async (_, path, mostSorted, as) => {
    const plans = await plansOf(
      as === 'owner' ? acme.owner : mia,
      path().replaceAll('[', '%5B').replaceAll(']', '%5D'),
    );
    for (const { text, plan } of plans) {
      const nodes = [...nodesOf(plan)];
      for (const { 'Index Name': index } of nodes) if (index) usedIndexes.add(index);
      const scanned = nodes.filter(
        (node) => node['Node Type'] === 'Seq Scan' && LARGE.has(node['Relation Name'] ?? ''),
      );
      const sorted = nodes
        .filter((node) => node['Node Type'] === 'Sort')
        .map((node) => rowsOut(node.Plans![0]!))
        .filter((rows) => rows > mostSorted);
      expect({ text, scanned: scanned.map((node) => node['Relation Name']), sorted }).toEqual({
        text,
        scanned: [],
        sorted: [],
      });
    }
  });

  it('use every index of the history but its primary key', async () => {
    const { rows } = await explainer.query(
      `SELECT indexname AS name FROM pg_indexes WHERE schemaname = $1 AND tablename = 'history' AND indexname <> 'history_pkey'`,
      [schema],
    );
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.map(({ name }) => name).filter((name) => !usedIndexes.has(name))).toEqual([]);
  });

  it('would be told from one that reads the whole table', async () => {
    const { rows } = await explainer.query(
      `EXPLAIN (FORMAT JSON) SELECT count(*) FROM "${schema}".tasks WHERE version = 7`,
    );
    const nodes = [...nodesOf(rows[0]['QUERY PLAN'][0].Plan)];
    expect(nodes.some((node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === 'tasks')).toBe(true);
  });
});
