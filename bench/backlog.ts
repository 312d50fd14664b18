import type pg from 'pg';
import { idOf, type FleetTenant } from './fleet.ts';

const TASKS = 100_000;
const PROJECTS = 20;
/** Tasks of the first project that wait for one another: each for one, and three for each. */
const IN_GRAPH = 300;

/** What there is to ask about in a tenant with a backlog. */
export interface Backlog {
  projectId(): string;
  taskId(): string;
  /** The task that everything in the graph waits for. */
  rootId: string;
}

/** Gives the tenant its backlog, or takes out of it what the last run has added. */
export async function ensureBacklog(owner: pg.Pool, { binding: { schema } }: FleetTenant): Promise<Backlog> {
  const idAt = (n: number) => idOf(schema, `backlog ${n}`);
  const { rowCount } = await owner.query(`SELECT 1 FROM ${schema}.tasks WHERE id = $1`, [idAt(1)]);
  for (const statement of rowCount ? tidying(schema) : filling(schema)) await owner.query(statement);
  const some = (count: number) => Math.floor(Math.random() * count);
  return {
    projectId: () => idOf(schema, `backlog project ${some(PROJECTS)}`),
    taskId: () => idAt(1 + some(TASKS)),
    rootId: idAt(PROJECTS),
  };
}

/** What the benchmark calls the tasks that it creates. */
export const CREATED_TITLE = 'What came up';

function tidying(schema: string): string[] {
  return [
    `DELETE FROM ${schema}.tasks WHERE title = '${CREATED_TITLE}'`,
    `VACUUM (ANALYZE) ${schema}.tasks, ${schema}.search_entries, ${schema}.history`,
  ];
}

function filling(schema: string): string[] {
  const user = idOf(schema, 'user');
  const id = (what: string) =>
    `(SELECT (substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-4' || substr(h, 14, 3) || '-8' || substr(h, 18, 3) || '-' || substr(h, 21))::uuid
        FROM md5('${schema} ' || ${what}) h)`;
  return [
    `INSERT INTO ${schema}.projects (id, name, status, owner_id)
     SELECT ${id(`'backlog project ' || n`)}, 'Project ' || n, 'active', '${user}' FROM generate_series(0, ${PROJECTS - 1}) n`,
    `INSERT INTO ${schema}.project_members (project_id, member_id, role)
     SELECT ${id(`'backlog project ' || n`)}, '${user}', 'manager' FROM generate_series(0, ${PROJECTS - 1}) n`,
    `INSERT INTO ${schema}.tasks (id, project_id, title, description, status, status_category, priority, reporter_id, created_at, position)
     SELECT ${id(`'backlog ' || n`)}, ${id(`'backlog project ' || n % ${PROJECTS}`)}, 'Task ' || n, 'What is to be done in task ' || n || ', in a sentence or two.',
            (ARRAY['todo', 'in_progress', 'done'])[1 + n % 3], (ARRAY['todo', 'doing', 'done'])[1 + n % 3], 'medium', '${user}',
            now() - n * interval '1 minute', 'v' || lpad(n::text, 22, '0')
       FROM generate_series(1, ${TASKS}) n`,
    `INSERT INTO ${schema}.task_dependencies (id, project_id, task_id, depends_on_task_id, type, lag_days)
     SELECT ${id(`'backlog dependency ' || n`)}, ${id(`'backlog project 0'`)}, ${id(`'backlog ' || ${PROJECTS} * n`)},
            ${id(`'backlog ' || ${PROJECTS} * ((n + 1) / 3)`)}, 'finish_to_start', 0
       FROM generate_series(2, ${IN_GRAPH}) n`,
    `ANALYZE ${schema}.projects, ${schema}.project_members, ${schema}.tasks, ${schema}.task_dependencies`,
  ];
}
