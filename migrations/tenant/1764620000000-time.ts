import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people worked on which task, how a project rounds it, and the weeks that were approved. */
export class Time1764620000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE "@tenant".timesheet_weeks, "@tenant".project_time_rules, "@tenant".time_entry_changes, "@tenant".time_entries`,
    );
  }
}

const STATEMENTS = [
  `CREATE TABLE "@tenant".time_entries (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES "@tenant".tasks ON DELETE CASCADE,
    project_id uuid NOT NULL REFERENCES "@tenant".projects ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES "@tenant".users,
    day date NOT NULL,
    started_at timestamptz(3) NOT NULL,
    ended_at timestamptz(3),
    by_day boolean NOT NULL,
    minutes integer CHECK (minutes BETWEEN 0 AND 1440),
    rounded_minutes integer CHECK (rounded_minutes >= 0),
    note text CHECK (length(note) <= 2000),
    billable boolean NOT NULL,
    source text NOT NULL CHECK (source IN ('timer', 'manual')),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    deleted_at timestamptz(3),
    version integer NOT NULL DEFAULT 1,
    CHECK (ended_at BETWEEN started_at AND started_at + interval '24 hours'),
    CHECK ((ended_at IS NULL) = (minutes IS NULL) AND (ended_at IS NULL) = (rounded_minutes IS NULL))
  )`,
  `COMMENT ON COLUMN "@tenant".time_entries.day IS 'that it counts for: the day of its start where the person was, as that was known then'`,
  `COMMENT ON COLUMN "@tenant".time_entries.ended_at IS 'NULL while the timer runs'`,
  `COMMENT ON COLUMN "@tenant".time_entries.by_day IS 'nobody said when on that day; it then stands at its beginning'`,
  `CREATE UNIQUE INDEX time_entries_running ON "@tenant".time_entries (user_id) WHERE ended_at IS NULL AND deleted_at IS NULL`,
  `CREATE INDEX time_entries_by_day ON "@tenant".time_entries (day, id) WHERE deleted_at IS NULL`,
  `CREATE INDEX time_entries_by_user ON "@tenant".time_entries (user_id, day, id) WHERE deleted_at IS NULL`,
  `CREATE INDEX time_entries_by_project ON "@tenant".time_entries (project_id, day, id) WHERE deleted_at IS NULL`,
  `CREATE INDEX time_entries_by_task ON "@tenant".time_entries (task_id, day, id) WHERE deleted_at IS NULL`,
  `CREATE TABLE "@tenant".time_entry_changes (
    id uuid PRIMARY KEY,
    entry_id uuid NOT NULL REFERENCES "@tenant".time_entries ON DELETE CASCADE,
    field text NOT NULL,
    old_value jsonb,
    new_value jsonb,
    actor_id uuid,
    at timestamptz(3) NOT NULL
  )`,
  `CREATE INDEX time_entry_changes_by_entry ON "@tenant".time_entry_changes (entry_id, at, id)`,
  `CREATE TABLE "@tenant".project_time_rules (
    project_id uuid PRIMARY KEY REFERENCES "@tenant".projects ON DELETE CASCADE,
    round_to smallint NOT NULL CHECK (round_to IN (0, 1, 5, 6, 10, 15, 30, 60)),
    mode text NOT NULL CHECK (mode IN ('up', 'nearest', 'down')),
    updated_at timestamptz(3) NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE "@tenant".timesheet_weeks (
    user_id uuid NOT NULL REFERENCES "@tenant".users,
    week_start date NOT NULL CHECK (extract(isodow FROM week_start) = 1),
    entries integer NOT NULL,
    minutes integer NOT NULL,
    rounded_minutes integer NOT NULL,
    approved_by uuid,
    approved_at timestamptz(3) NOT NULL,
    note text CHECK (length(note) <= 2000),
    PRIMARY KEY (user_id, week_start)
  )`,
  `COMMENT ON TABLE "@tenant".timesheet_weeks IS 'weeks that are approved, with what was counted then; a week that is open has no row'`,
];
