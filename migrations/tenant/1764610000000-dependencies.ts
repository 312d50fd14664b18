import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a task waits for. */
export class Dependencies1764610000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "@tenant".task_dependencies`);
  }
}

const STATEMENTS = [
  `CREATE TABLE "@tenant".task_dependencies (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES "@tenant".projects ON DELETE CASCADE,
    task_id uuid NOT NULL REFERENCES "@tenant".tasks ON DELETE CASCADE,
    depends_on_task_id uuid NOT NULL REFERENCES "@tenant".tasks ON DELETE CASCADE,
    type text NOT NULL CHECK (type IN ('finish_to_start', 'start_to_start', 'finish_to_finish', 'start_to_finish')),
    lag_hours numeric(7,2),
    lag_days integer,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CHECK (task_id <> depends_on_task_id),
    CHECK (num_nonnulls(lag_hours, lag_days) = 1)
  )`,
  `COMMENT ON COLUMN "@tenant".task_dependencies.task_id IS 'the successor: the one that waits'`,
  `COMMENT ON COLUMN "@tenant".task_dependencies.lag_days IS 'working days; otherwise the lag is hours of work'`,
  `CREATE UNIQUE INDEX task_dependencies_by_pair ON "@tenant".task_dependencies
     (least(task_id, depends_on_task_id), greatest(task_id, depends_on_task_id))`,
  `CREATE INDEX task_dependencies_by_task ON "@tenant".task_dependencies (task_id, depends_on_task_id)`,
  `CREATE INDEX task_dependencies_by_predecessor ON "@tenant".task_dependencies (depends_on_task_id, task_id)`,
  `CREATE INDEX task_dependencies_by_project ON "@tenant".task_dependencies (project_id, task_id)`,
];
