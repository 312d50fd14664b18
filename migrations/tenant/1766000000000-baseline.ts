import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CONVERSATIONS } from './baseline/conversations.ts';
import { HISTORY } from './baseline/history.ts';
import { PEOPLE } from './baseline/people.ts';
import { PROJECTS } from './baseline/projects.ts';
import { SEARCH } from './baseline/search.ts';
import { SETTINGS } from './baseline/settings.ts';
import { SIGN_IN } from './baseline/sign-in.ts';
import { TASKS } from './baseline/tasks.ts';
import { TIME } from './baseline/time.ts';

/**
 * What every tenant's schema starts from. Times are kept in milliseconds, as clients see them, so that a cursor compares exactly.
 *
 * A schema is paid for 10,000 times. Where the rows of a table are bounded below 8 kB, each of its columns of variable length
 * has STORAGE PLAIN: PostgreSQL then makes no TOAST table, which would be two more relations (docs/decisions/0026).
 */
export class TenantBaseline1766000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE ${made(/^CREATE TABLE ("@tenant"\.\w+)/).join(', ')}`);
    await queryRunner.query(`DROP FUNCTION ${made(/FUNCTION ("@tenant"\.\w+)\(.* LANGUAGE/).join(', ')}`);
  }
}

const STATEMENTS = [
  ...SETTINGS,
  ...PEOPLE,
  ...SIGN_IN,
  ...PROJECTS,
  ...TASKS,
  ...CONVERSATIONS,
  ...TIME,
  ...HISTORY,
  ...SEARCH,
];

const made = (name: RegExp) => STATEMENTS.flatMap((statement) => name.exec(statement)?.[1] ?? []);
