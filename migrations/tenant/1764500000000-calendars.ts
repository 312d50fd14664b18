import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When people work: weeks with the day that each is valid from, holidays of the organisation, and time off. */
export class Calendars1764500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "@tenant".time_off, "@tenant".holidays, "@tenant".working_weeks`);
  }
}

const STATEMENTS = [
  `CREATE TABLE "@tenant".working_weeks (
    id uuid PRIMARY KEY,
    user_id uuid REFERENCES "@tenant".users ON DELETE CASCADE,
    valid_from date NOT NULL,
    minutes smallint[] CHECK (cardinality(minutes) = 7),
    time_zone text,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (user_id, valid_from)
  )`,
  `COMMENT ON COLUMN "@tenant".working_weeks.user_id IS 'NULL: the week of the organisation, for whoever has none of their own'`,
  `COMMENT ON COLUMN "@tenant".working_weeks.minutes IS 'Monday to Sunday; NULL: as the organisation works'`,
  `CREATE TABLE "@tenant".holidays (
    id uuid PRIMARY KEY,
    day date NOT NULL,
    name text NOT NULL CHECK (length(name) <= 200),
    uid text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    UNIQUE (day, uid)
  )`,
  `COMMENT ON COLUMN "@tenant".holidays.uid IS 'of the event that it was imported from; its own id when it was typed in'`,
  `CREATE TABLE "@tenant".time_off (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('vacation', 'sick', 'other')),
    first_day date NOT NULL,
    last_day date NOT NULL,
    minutes_per_day integer CHECK (minutes_per_day BETWEEN 1 AND 1440),
    note text CHECK (length(note) <= 500),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CHECK (last_day >= first_day)
  )`,
  `COMMENT ON COLUMN "@tenant".time_off.minutes_per_day IS 'NULL: the whole day'`,
  `CREATE INDEX time_off_by_user ON "@tenant".time_off (user_id, first_day, id)`,
];
