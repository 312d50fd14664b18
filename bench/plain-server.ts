import fastify from 'fastify';
import pg from 'pg';
import { columnTypes } from '../src/platform/database/column-types.ts';
import { CONNECTIONS } from './engine.ts';

/** As src/tasks/tasks.queries.ts selects them. */
const COLUMNS = `t.id, t.project_id AS "projectId", t.parent_id AS "parentId", t.title, t.description, t.status,
  t.status_category AS "statusCategory", t.priority, t.assignee_id AS "assigneeId", t.reporter_id AS "reporterId",
  t.start_date AS "startDate", t.due_date AS "dueDate", t.estimated_hours::float8 AS "estimatedHours", t.tags,
  t.created_at AS "createdAt", t.updated_at AS "updatedAt", t.started_at AS "startedAt", t.completed_at AS "completedAt", t.version`;

/** What the product is compared with: the same rows by the same SQL, without tenant, token, permission or envelope. */
export async function servePlain(url: string, port: number): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS, types: columnTypes, application_name: 'plain' });
  pool.on('error', () => undefined);
  const app = fastify({ logger: false });
  app.get('/live', async () => ({ ok: true }));
  app.get<{ Params: { schema: string; id: string } }>('/:schema/tasks/:id', async ({ params }) => {
    const { rows } = await pool.query(
      `SELECT ${COLUMNS} FROM "${params.schema}".tasks t WHERE t.id = $1 AND t.deleted_at IS NULL`,
      [params.id],
    );
    return rows[0];
  });
  app.get<{ Params: { schema: string } }>('/:schema/tasks', async ({ params: { schema } }) => {
    const { rows } = await pool.query(
      `SELECT ${COLUMNS}, t.created_at::text AS "sort 0", t.id::text AS "sort 1" FROM "${schema}".tasks t
        WHERE t.deleted_at IS NULL AND t.project_id IN (SELECT id FROM "${schema}".projects WHERE deleted_at IS NULL)
        ORDER BY t.created_at DESC, t.id DESC LIMIT 21`,
    );
    return rows.slice(0, 20);
  });
  process.once('SIGTERM', () => void app.close().then(() => pool.end()));
  await app.listen({ port, host: '127.0.0.1' });
}
