/** Whose the rows are; the project has the milestone. */
interface Owners {
  projectId: string;
  milestoneId: string;
  ownerId: string;
  memberId: string;
}

type Sql = (statement: string, ...values: unknown[]) => Promise<unknown>;

/** Time-ordered like those that the application makes, two a minute into the past. */
const ID = (n: string) =>
  `(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 30000::bigint * (100001 - ${n})), 12, '0') || '7000' || '8' || lpad(to_hex(${n}), 15, '0'))::uuid`;

/**
 * 100,000 tasks of 20 projects behind the API's back: half of them done, some with people, dates, tags and a milestone, a
 * tenth with comments, all with history.
 */
export async function fillTenant(sql: Sql, { projectId, milestoneId, ownerId, memberId }: Owners): Promise<void> {
  await sql(
    `INSERT INTO "@tenant".projects (id, name, status, owner_id, settings)
     SELECT gen_random_uuid(), 'Project ' || n, 'active', $1, '{}' FROM generate_series(2, 20) n`,
    ownerId,
  );
  // The triggers are slow a row at a time, and are no part of what is asked here.
  for (const table of ['tasks', 'comments']) await sql(`ALTER TABLE "@tenant".${table} DISABLE TRIGGER USER`);
  await sql(
    `INSERT INTO "@tenant".tasks (id, project_id, milestone_id, title, description, status, status_category, priority, assignee_id,
       reporter_id, due_date, tags, position, created_at, updated_at)
     SELECT ${ID('n')}, p.ids[1 + n % 20], CASE WHEN n % 20 = 0 AND n % 200 = 0 THEN $2::uuid END,
       (ARRAY['Build', 'Paint', 'Order', 'Check', 'Move'])[1 + n % 5] || ' the ' ||
         CASE WHEN n % 97 = 0 THEN 'rocket' ELSE (ARRAY['engine', 'tower', 'garden', 'bridge', 'window', 'letter', 'cable'])[1 + n % 7] END || ' ' || n,
       CASE WHEN n % 3 = 0 THEN 'Something about it, number ' || n END,
       s.status, s.category, (ARRAY['low', 'medium', 'high', 'urgent'])[1 + n % 4],
       CASE WHEN n % 50 = 0 THEN $4::uuid WHEN n % 3 = 0 THEN $3::uuid END, $3,
       CASE WHEN n % 4 <> 0 THEN current_date + (n % 700)::int - 350 END,
       CASE WHEN n % 1000 = 1 THEN ARRAY['rare'] WHEN n % 4 = 0 THEN ARRAY['label-' || n % 80 / 4] ELSE '{}' END,
       'v1' || lpad(n::text, 12, '0'), now() - interval '30 seconds' * (100001 - n), now() - interval '30 seconds' * (100001 - n)
     FROM generate_series(1, 100000) n
     CROSS JOIN (SELECT array_agg(id ORDER BY id <> $1, id) AS ids FROM "@tenant".projects) p
     CROSS JOIN LATERAL (SELECT CASE WHEN n % 2 = 0 THEN 'done' WHEN n % 5 = 0 THEN 'in_progress' ELSE 'todo' END AS status,
       CASE WHEN n % 2 = 0 THEN 'done' WHEN n % 5 = 0 THEN 'doing' ELSE 'todo' END AS category) s`,
    projectId,
    milestoneId,
    ownerId,
    memberId,
  );
  await sql(
    `INSERT INTO "@tenant".comments (id, task_id, author_id, body, created_at, updated_at)
     SELECT gen_random_uuid(), id, $1, 'About ' || title, created_at, created_at FROM "@tenant".tasks WHERE right(position, 1) = '7'`,
    ownerId,
  );
  await sql(
    `INSERT INTO "@tenant".history (id, entity_type, entity_id, task_id, project_id, field, new_value, actor_id, at)
     SELECT gen_random_uuid(), 'task', id, id, project_id, 'created', to_jsonb(title), $1, created_at FROM "@tenant".tasks`,
    ownerId,
  );
  await sql(
    `INSERT INTO "@tenant".search_entries (id, type, language, title, tags, document)
     SELECT id, 'task', 'english', extensions.searchable(title), tags, "@tenant".search_document(title, array_to_string(tags, ' '), description)
       FROM "@tenant".tasks
     UNION ALL
     SELECT id, 'comment', 'english', NULL, NULL, "@tenant".search_document(NULL, NULL, body) FROM "@tenant".comments`,
  );
  for (const table of ['tasks', 'comments']) await sql(`ALTER TABLE "@tenant".${table} ENABLE TRIGGER USER`);
  for (const table of ['tasks', 'comments', 'history', 'search_entries', 'projects', 'milestones'])
    await sql(`ANALYZE "@tenant".${table}`);
}
