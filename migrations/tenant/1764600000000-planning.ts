import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Workflows and milestones of projects, the order of tasks, who watches them, and what happened to projects. */
export class Planning1764600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...PROJECTS, ...TASKS]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "@tenant".task_changes_by_time, "@tenant".task_status_transitions_by_time`);
    await queryRunner.query(`DROP TABLE "@tenant".task_watchers`);
    await queryRunner.query(
      `ALTER TABLE "@tenant".tasks DROP COLUMN position, DROP COLUMN milestone_id, DROP COLUMN remaining_hours, DROP COLUMN actual_hours`,
    );
    await queryRunner.query(`DROP TABLE "@tenant".milestones, "@tenant".project_workflows, "@tenant".project_changes`);
    await queryRunner.query(`ALTER TABLE "@tenant".projects DROP COLUMN archived_from`);
  }
}

const PROJECTS = [
  `ALTER TABLE "@tenant".projects ADD COLUMN archived_from text`,
  `CREATE TABLE "@tenant".project_workflows (
    project_id uuid PRIMARY KEY REFERENCES "@tenant".projects ON DELETE CASCADE,
    statuses jsonb NOT NULL,
    transitions jsonb,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
  )`,
  `CREATE TABLE "@tenant".milestones (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES "@tenant".projects ON DELETE CASCADE,
    name text NOT NULL CHECK (length(name) <= 200),
    description text,
    due_date date,
    completed_at timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    deleted_at timestamptz(3),
    version integer NOT NULL DEFAULT 1
  )`,
  `CREATE INDEX milestones_by_project ON "@tenant".milestones (project_id, due_date, id) WHERE deleted_at IS NULL`,
  `CREATE TABLE "@tenant".project_changes (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES "@tenant".projects ON DELETE CASCADE,
    subject_type text NOT NULL CHECK (subject_type IN ('project', 'milestone', 'workflow', 'member', 'team', 'resource')),
    subject_id uuid NOT NULL,
    field text NOT NULL,
    old_value jsonb,
    new_value jsonb,
    actor_id uuid,
    at timestamptz(3) NOT NULL
  )`,
  `CREATE INDEX task_changes_by_time ON "@tenant".task_changes (project_id, at, id) -- lint allow index-under-lock: a tenant has few enough of them`,
  `CREATE INDEX task_status_transitions_by_time ON "@tenant".task_status_transitions (project_id, at, id) -- lint allow index-under-lock: as above`,
  `CREATE INDEX project_changes_by_project ON "@tenant".project_changes (project_id, at, id)`,
];

/**
 * Positions are keys of fractional indexing: texts that compare by their bytes, with room between any two. Tasks that are
 * there already stand as they were created; their keys come before those of new ones, which begin with the time.
 */
const TASKS = [
  `ALTER TABLE "@tenant".tasks
     ADD COLUMN position text COLLATE "C",
     ADD COLUMN milestone_id uuid,
     ADD COLUMN remaining_hours numeric(7,2),
     ADD COLUMN actual_hours numeric(9,2) NOT NULL DEFAULT 0`,
  // A release before this one still inserts tasks while instances are replaced.
  `ALTER TABLE "@tenant".tasks
     ALTER COLUMN position SET DEFAULT 'v0' || lpad((extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text, 21, '0')`,
  `UPDATE "@tenant".tasks t SET position = 'v' || lpad(numbered.place::text, 22, '0')
     FROM (SELECT id, row_number() OVER (ORDER BY created_at, id) AS place FROM "@tenant".tasks) numbered
    WHERE numbered.id = t.id -- lint allow unbounded-write: one statement orders a tenant's tasks, of which there are thousands, not millions`,
  `ALTER TABLE "@tenant".tasks ALTER COLUMN position SET NOT NULL -- lint allow scan-under-lock: it was written in this very transaction`,
  `CREATE UNIQUE INDEX tasks_by_position ON "@tenant".tasks (project_id, position) -- lint allow index-under-lock: a tenant's tasks are few enough`,
  `ALTER TABLE "@tenant".tasks
     ADD FOREIGN KEY (milestone_id) REFERENCES "@tenant".milestones NOT VALID,
     ADD CHECK (remaining_hours >= 0) NOT VALID`,
  `CREATE INDEX tasks_by_milestone ON "@tenant".tasks (milestone_id) WHERE milestone_id IS NOT NULL -- lint allow index-under-lock: nobody has a milestone yet`,
  `CREATE INDEX tasks_by_status ON "@tenant".tasks (project_id, status, position) WHERE deleted_at IS NULL -- lint allow index-under-lock: a tenant's tasks are few enough`,
  `CREATE TABLE "@tenant".task_watchers (
    task_id uuid NOT NULL REFERENCES "@tenant".tasks ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (task_id, user_id)
  )`,
  `CREATE INDEX task_watchers_by_user ON "@tenant".task_watchers (user_id, task_id)`,
];
