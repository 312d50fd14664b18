import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Addresses are found and kept unique by one spelling that the application computes. What was stored before is completed here
 * where SQL can do it: where the domain is of ASCII. Of two accounts that turn out to have one address the older one keeps
 * it; the other one, and addresses with other domains, stay without until a job completes them.
 */
export class Addresses1764900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queryRunner.query(statement);
  }
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const CANONICAL = `rtrim(translate(email, '${UPPER}', '${UPPER.toLowerCase()}'), '.')`;
/** An address whose domain is letters and digits of ASCII, hyphens and dots. */
const PLAIN = `email ~ '^.+@[A-Za-z0-9.-]+$'`;

const filled = (table: string, among: string) =>
  `UPDATE "@tenant".${table} t SET canonical_email = first.canonical
     FROM (SELECT DISTINCT ON (${CANONICAL}) id, ${CANONICAL} AS canonical FROM "@tenant".${table}
            WHERE ${among} ORDER BY ${CANONICAL}, created_at, id) first
    WHERE first.id = t.id`;

const UP = [
  `ALTER TABLE "@tenant".users ADD COLUMN canonical_email text`,
  `COMMENT ON COLUMN "@tenant".users.canonical_email IS 'as canonicalAddress() spells it; null: not computed yet, or an older account has it'`,
  filled('users', PLAIN),
  `DROP INDEX "@tenant".users_by_email`,
  `-- lint allow index-under-lock: one row for each person
   CREATE UNIQUE INDEX users_by_email ON "@tenant".users (canonical_email)`,
  `ALTER TABLE "@tenant".invitations ADD COLUMN canonical_email text`,
  filled('invitations', `${PLAIN} AND accepted_at IS NULL AND revoked_at IS NULL`),
  `DROP INDEX "@tenant".invitations_open`,
  `-- lint allow index-under-lock: one row for each person who was invited
   CREATE UNIQUE INDEX invitations_open ON "@tenant".invitations (canonical_email) WHERE accepted_at IS NULL AND revoked_at IS NULL`,
];

const DOWN = [
  `DROP INDEX "@tenant".users_by_email`,
  `CREATE UNIQUE INDEX users_by_email ON "@tenant".users (lower(email))`,
  `ALTER TABLE "@tenant".users DROP COLUMN canonical_email`,
  `DROP INDEX "@tenant".invitations_open`,
  `CREATE UNIQUE INDEX invitations_open ON "@tenant".invitations (lower(email)) WHERE accepted_at IS NULL AND revoked_at IS NULL`,
  `ALTER TABLE "@tenant".invitations DROP COLUMN canonical_email`,
];
