import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How much of whose time a project has been promised, from when to when. */
export class Resources1764625000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "@tenant".resource_assignments`);
  }
}

const STATEMENTS = [
  `CREATE TABLE "@tenant".resource_assignments (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES "@tenant".projects ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES "@tenant".users,
    hours_per_week numeric(5,2) CHECK (hours_per_week > 0 AND hours_per_week <= 168),
    percent numeric(5,2) CHECK (percent > 0 AND percent <= 200),
    from_date date NOT NULL,
    to_date date NOT NULL,
    note text CHECK (length(note) <= 2000),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CHECK (num_nonnulls(hours_per_week, percent) = 1),
    CHECK (to_date >= from_date)
  )`,
  `COMMENT ON COLUMN "@tenant".resource_assignments.percent IS 'of what the person works; the alternative to hours_per_week'`,
  `CREATE INDEX resource_assignments_by_project ON "@tenant".resource_assignments (project_id, from_date, id)`,
  `CREATE INDEX resource_assignments_by_user ON "@tenant".resource_assignments (user_id, to_date)`,
];
