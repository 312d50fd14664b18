import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Roles of an organisation's own say what they are for; teams, who is in them, and the projects that they were given. */
export class RolesAndTeams1764100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "@tenant".project_teams, "@tenant".team_members, "@tenant".teams`);
    await queryRunner.query(`ALTER TABLE "@tenant".roles DROP COLUMN description`);
  }
}

const STATEMENTS = [
  `ALTER TABLE "@tenant".roles ADD COLUMN description text`,
  `CREATE TABLE "@tenant".teams (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) <= 100),
    description text,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
  )`,
  `CREATE UNIQUE INDEX teams_by_name ON "@tenant".teams (lower(name))`,
  `CREATE TABLE "@tenant".team_members (
    team_id uuid NOT NULL REFERENCES "@tenant".teams ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('lead', 'member')),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (team_id, user_id)
  )`,
  `CREATE INDEX team_members_by_user ON "@tenant".team_members (user_id, team_id)`,
  `CREATE TABLE "@tenant".project_teams (
    project_id uuid NOT NULL REFERENCES "@tenant".projects ON DELETE CASCADE,
    team_id uuid NOT NULL REFERENCES "@tenant".teams ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('manager', 'member', 'viewer')),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, team_id)
  )`,
  `CREATE INDEX project_teams_by_team ON "@tenant".project_teams (team_id, project_id)`,
];
