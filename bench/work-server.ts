import fastify from 'fastify';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { readGraph } from '../src/dependencies/dependencies.queries.ts';
import { columnTypes } from '../src/platform/database/column-types.ts';
import type { TenantContext } from '../src/platform/tenancy/tenant-context.ts';
import { reachableIds } from '../src/projects/project-membership.queries.ts';
import { searchWords } from '../src/search/search.queries.ts';
import { SEARCHED_TYPES } from '../src/search/search.types.ts';
import { countByStatus, findTask, isFirstWithin, listColumns, listTasks } from '../src/tasks/tasks.queries.ts';
import { DEFAULT_WORKFLOW } from '../src/workflows/workflow.rules.ts';

interface Of {
  schema: string;
  id: string;
}

/**
 * The least that could do the work on tasks: Fastify and pg with the statements that the product sends for what it
 * answers, and nothing else. A write is one statement that also writes the row of the history and the event, without rules.
 */
export async function serveWork(url: string, connections: number, port: number): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: connections, types: columnTypes, application_name: 'plain' });
  pool.on('error', () => undefined);
  const sql = await recorded();
  const rowsOf = async <Row extends pg.QueryResultRow>(text: string, schema: string, values: unknown[]) =>
    (await pool.query<Row>(text.replaceAll('"@tenant"', `"${schema}"`), values)).rows;
  const app = fastify({ logger: false });
  app.get('/live', async () => ({ ok: true }));
  app.get<{ Params: Of }>('/:schema/tasks/:id', async ({ params: { schema, id } }) => {
    const [task] = await rowsOf(sql.task, schema, [id]);
    return task;
  });
  app.get<{ Params: Of }>('/:schema/projects/:id/tasks', async ({ params: { schema, id } }) =>
    (await rowsOf(sql.list, schema, [id])).slice(0, LIMIT),
  );
  app.get<{ Params: Of }>('/:schema/projects/:id/board', async ({ params: { schema, id } }) => ({
    totals: await rowsOf(sql.totals, schema, [id]),
    tasks: await rowsOf(sql.columns, schema, [id, STATUSES, LIMIT]),
  }));
  app.get<{ Params: Of }>('/:schema/tasks/:id/dependency-graph', async ({ params: { schema, id } }) => {
    const [graph] = await rowsOf(sql.graph, schema, [id, null, true, true]);
    return graph;
  });
  app.get<{ Params: Of; Querystring: { q: string } }>('/:schema/search', async ({ params: { schema }, query: { q } }) =>
    (await rowsOf(sql.search, schema, valuesOf(q))).slice(0, LIMIT),
  );
  app.post<{ Params: Of; Body: { title: string; reporterId: string } }>(
    '/:schema/projects/:id/tasks',
    async ({ params: { schema, id }, body }) => {
      const [made] = await rowsOf<{ id: string }>(INSERT, schema, [newId(), id, body.title, body.reporterId]);
      const [task] = await rowsOf(sql.task, schema, [made!.id]);
      return task;
    },
  );
  app.put<{ Params: Of; Body: { status: string } }>(
    '/:schema/tasks/:id/status',
    async ({ params: { schema, id }, body }) => {
      const { category } = DEFAULT_WORKFLOW.statuses.find(({ key }) => key === body.status)!;
      await rowsOf(UPDATE, schema, [id, body.status, category]);
      const [task] = await rowsOf(sql.task, schema, [id]);
      return task;
    },
  );
  process.once('SIGTERM', () => void app.close().then(() => pool.end()));
  await app.listen({ port, host: '127.0.0.1' });
}

const LIMIT = 20;
const STATUSES = DEFAULT_WORKFLOW.statuses.map(({ key }) => key);
/** The rows that the product writes beside the task, in the same statement. No relay takes this event. */
const besides = (written: string, from: string) => `, past AS (
    INSERT INTO "@tenant".history (id, entity_type, entity_id, project_id, task_id, field, old_value, new_value, from_category, to_category, actor_id, at)
    SELECT gen_random_uuid(), 'task', id, project_id, id, 'status', NULL, to_jsonb(status), ${from}, status_category, reporter_id, now() FROM ${written}),
  event AS (
    INSERT INTO platform.outbox (tenant_schema, name, payload, actor_id, request_id, next_attempt_at)
    SELECT '@tenant', 'task.written', jsonb_build_object('taskId', id), reporter_id, 'bench', 'infinity' FROM ${written})
  SELECT id FROM ${written}`;
const INSERT = `WITH made AS (
    INSERT INTO "@tenant".tasks (id, project_id, title, status, status_category, priority, reporter_id, position)
    VALUES ($1, $2, $3, 'todo', 'todo', 'medium', $4, $1::text) RETURNING *)${besides('made', 'NULL')}`;
const UPDATE = `WITH changed AS (
    UPDATE "@tenant".tasks SET status = $2, status_category = $3, updated_at = now() WHERE id = $1 RETURNING *)${besides('changed', "'todo'")}`;

/** What stands for the words of a search while its statement is taken down: it has the shape of all that are asked. */
const SOME_WORDS = 'task 1';

/** The product's own statements, taken down from its own queries. */
async function recorded() {
  const take = async (ask: (ctx: TenantContext) => Promise<unknown>): Promise<string> => {
    let taken = '';
    const query = async (text: string) => {
      taken = text;
      return [];
    };
    await ask({ tenant: { id: '' }, query } as unknown as TenantContext);
    return taken;
  };
  // As of somebody who sees all projects, like the one who asks.
  const projects = reachableIds({} as TenantContext, 'all projects', () => '');
  const seen = `t.project_id IN (${projects})`;
  const ofProject = `t.project_id = $1 AND ${isFirstWithin(projects)}`;
  const scope = { types: SEARCHED_TYPES, visibleTasks: seen, visibleProjects: `p.id IN (${projects})`, parameters: [] };
  const best = { conditions: [], sort: [{ field: 'rank', descending: true }], limit: LIMIT, count: false };
  const newest = { conditions: [], sort: [{ field: 'createdAt', descending: true }], limit: LIMIT, count: false };
  return {
    task: await take((ctx) => findTask(ctx, '')),
    list: await take((ctx) => listTasks(ctx, ofProject, [''], newest)),
    totals: await take((ctx) => countByStatus(ctx, ofProject, [''])),
    columns: await take((ctx) =>
      listColumns(ctx, ofProject, [''], { statuses: STATUSES, limit: LIMIT, filters: newest }),
    ),
    graph: await take((ctx) => readGraph(ctx, '', { direction: 'both', depth: null })),
    search: await take((ctx) => searchWords(ctx, { words: SOME_WORDS, runs: [] }, scope, best)),
  };
}

/** The parameters of a search: all that was typed, what stands before its last word, that word, and whether "or" does. */
function valuesOf(typed: string): unknown[] {
  const end = typed.lastIndexOf(' ') + 1;
  return [typed, typed.slice(0, end), typed.slice(end), false];
}
