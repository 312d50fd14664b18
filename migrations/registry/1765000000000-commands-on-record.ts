import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators do by command is on record like what they do over HTTP; and since when a cluster does not answer. */
export class CommandsOnRecord1765000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE public.operator_events ADD COLUMN os_user text, ADD COLUMN os_host text`);
    await queryRunner.query(
      `-- lint allow scan-under-lock: some thousand rows, and operators wait for milliseconds
       ALTER TABLE public.operator_events DROP CONSTRAINT operator_events_outcome_check,
         ADD CONSTRAINT operator_events_outcome_check CHECK (outcome IN ('begun', 'done', 'refused', 'failed'))`,
    );
    await queryRunner.query(
      `COMMENT ON COLUMN public.operator_events.os_user IS 'of a command: who ran it on which machine, as the operating system says'`,
    );
    await queryRunner.query(`ALTER TABLE public.clusters ADD COLUMN away_since timestamptz`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE public.clusters DROP COLUMN away_since`);
    await queryRunner.query(`UPDATE public.operator_events SET outcome = 'refused' WHERE outcome = 'failed'`);
    await queryRunner.query(
      `ALTER TABLE public.operator_events DROP COLUMN os_user, DROP COLUMN os_host, DROP CONSTRAINT operator_events_outcome_check,
         ADD CONSTRAINT operator_events_outcome_check CHECK (outcome IN ('begun', 'done', 'refused'))`,
    );
  }
}
