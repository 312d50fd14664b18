import { Option, type Command } from 'commander';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lintMigrations, type LintProblem } from '../platform/database/migration-lint.ts';
import { recordMigration, type MigrationClass } from '../platform/database/migration-recorder.ts';
import { OperatorError } from '../platform/errors/app-error.ts';
import { isJson, print } from './output.ts';

/** By whose schema they change. */
export type Migrations = Record<'tenant' | 'registry' | 'cluster', MigrationClass[]>;

/** For those who write migrations, in the source tree. */
export function registerMigrationCommands(program: Command, migrations: Migrations): void {
  const migration = program.command('migration').description('write and check migrations');

  migration
    .command('create <name>')
    .description('make an empty migration, such as `create add-due-reminders`, and enter it')
    .addOption(new Option('--for <what>', 'whose schema').choices(Object.keys(migrations)).default('tenant'))
    .action(async (name: string, options: { for: keyof Migrations }) => {
      const file = await create(name, options.for);
      print({ file }, `${file} is there. Write its up() and down(), then: projectflow migration lint`, isJson(program));
    });

  migration
    .command('lint')
    .description('refuse statements that would hurt tenants while they are served: locks, rewrites, lost timeouts')
    .action(async () => {
      const { looked, problems } = await lint(migrations);
      const lines = problems.map(
        ({ migration: name, rule, statement, message }) => `${name}  ${rule}: ${statement}\n    It ${message}`,
      );
      const advice = ['An exception stands in the statement: -- lint allow <rule>: <reason>'];
      const end = `${looked} statements, ${problems.length} problems.`;
      print({ looked, problems }, [...lines, ...(problems.length > 0 ? advice : []), end], isJson(program));
      if (problems.length > 0) process.exitCode = 1;
    });
}

async function lint(migrations: Migrations): Promise<{ looked: number; problems: LintProblem[] }> {
  const problems: LintProblem[] = [];
  let looked = 0;
  for (const classes of Object.values(migrations)) {
    const recorded = [];
    for (const migrationClass of classes) recorded.push(await recordMigration(migrationClass));
    looked += recorded.reduce((sum, { statements }) => sum + statements.length, 0);
    problems.push(...(await lintMigrations(recorded)));
  }
  return { looked, problems };
}

const TAIL = /export const (\w+Migrations) = \[([^\]]*)\];/;

async function create(name: string, kind: keyof Migrations): Promise<string> {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name))
    throw new OperatorError('The name of a migration is lower case with hyphens, such as add-due-reminders.');
  const index = join('migrations', kind, 'index.ts');
  const text = await readFile(index, 'utf8').catch(() => {
    throw new OperatorError(`There is no ${index} here: run this in the source tree of the product.`);
  });
  const list = TAIL.exec(text);
  if (!list) throw new OperatorError(`${index} has no list of migrations to enter it in.`);
  const timestamp = Date.now();
  const title = name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const className = `${title}${timestamp}`;
  const file = join('migrations', kind, `${timestamp}-${name}.ts`);
  await writeFile(file, scaffold(className, kind), { flag: 'wx' });
  const entries = [
    ...list[2]!
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
    className,
  ];
  const entered = text.replace(TAIL, () => `export const ${list[1]!} = [${entries.join(', ')}];`);
  await writeFile(index, `import { ${className} } from './${timestamp}-${name}.ts';\n${entered}`);
  return file;
}

function scaffold(className: string, kind: keyof Migrations): string {
  const schema = { tenant: '"@tenant".', registry: 'public.', cluster: 'platform.' }[kind];
  return `import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why it is needed. */
export class ${className} implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(\`ALTER TABLE ${schema}…\`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(\`ALTER TABLE ${schema}…\`);
  }
}
`;
}
