import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who did what, from where: sign-ins, refusals, and changes of people, roles and settings. Rows are only ever added. */
export class Audit1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "@tenant".audit_events (
        id uuid PRIMARY KEY,
        at timestamptz(3) NOT NULL DEFAULT now(),
        action text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('done', 'refused')),
        actor_kind text NOT NULL,
        actor_id uuid,
        target_type text,
        target_id text,
        before jsonb,
        after jsonb,
        details jsonb,
        address text,
        user_agent text,
        request_id text NOT NULL
      )`);
    await queryRunner.query(`CREATE INDEX audit_events_by_time ON "@tenant".audit_events (at, id)`);
    await queryRunner.query(`CREATE INDEX audit_events_by_actor ON "@tenant".audit_events (actor_id, at, id)`);
    await queryRunner.query(`CREATE INDEX audit_events_by_target ON "@tenant".audit_events (target_id, at, id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "@tenant".audit_events`);
  }
}
