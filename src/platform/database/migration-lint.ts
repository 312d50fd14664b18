import { parse, type Node } from 'libpg-query';
import type { RecordedMigration } from './migration-recorder.ts';
import { TENANT_SCHEMA } from './statement-guard.ts';

/** A statement that would hurt tenants that are being served while it runs. */
export interface LintProblem {
  migration: string;
  rule: LintRule;
  statement: string;
  message: string;
}

export type LintRule =
  | 'rewrite'
  | 'scan-under-lock'
  | 'index-under-lock'
  | 'contract'
  | 'unbounded-write'
  | 'explicit-lock'
  | 'timeout-removed'
  | 'not-sql';

const MESSAGES: Record<LintRule, string> = {
  rewrite: 'writes the whole table anew while nobody may read it. Add a new column, fill it in batches, then switch.',
  'scan-under-lock':
    'reads the whole table while nobody may write it. Add the constraint NOT VALID, and validate it in a later migration.',
  'index-under-lock': 'builds an index while nobody may write the table.',
  contract:
    'takes away what instances of the release before still use. First a release that no longer needs it, then the migration.',
  'unbounded-write': 'writes every row in one transaction.',
  'explicit-lock': 'locks a table by hand.',
  'timeout-removed': 'removes the timeout that keeps a waiting migration from stopping every reader.',
  'not-sql': 'cannot be parsed.',
};

/** `-- lint allow contract: nobody reads it since 1.4`, in the statement. */
const ALLOWED = /--\s*lint allow ([a-z-]+):\s*\S/g;
/** Their value is the same for all rows of a statement, so that adding a column with it touches no row. */
const STABLE_FUNCTIONS = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'current_setting',
  'current_database',
]);

/**
 * Statements of the migrations that are dangerous on a table that was there before, oldest first. What a migration has
 * made itself is empty and used by nobody. An exception is written into the statement, with its reason.
 */
export async function lintMigrations(migrations: RecordedMigration[]): Promise<LintProblem[]> {
  const problems: LintProblem[] = [];
  for (const { name, statements } of migrations) {
    const fresh = new Set<string>();
    for (const statement of statements) {
      const allowed = new Set([...statement.matchAll(ALLOWED)].map((match) => match[1]));
      for (const rule of await rulesBroken(statement, fresh)) {
        if (allowed.has(rule)) continue;
        problems.push({ migration: name, rule, statement: oneLine(statement), message: MESSAGES[rule] });
      }
    }
  }
  return problems;
}

/** @param fresh tables that the migration has made; those of this statement are added */
async function rulesBroken(text: string, fresh: Set<string>): Promise<Set<LintRule>> {
  const broken = new Set<LintRule>();
  let statements: Node[];
  try {
    const { stmts = [] } = await parse(text.replaceAll(`"${TENANT_SCHEMA}"`, 'tenant'));
    statements = stmts.flatMap(({ stmt }) => (stmt ? [stmt] : []));
  } catch {
    return broken.add('not-sql');
  }
  for (const statement of statements) for (const rule of check(statement, fresh)) broken.add(rule);
  return broken;
}

function check(statement: Node, fresh: Set<string>): LintRule[] {
  if ('CreateStmt' in statement) return remember(statement.CreateStmt.relation?.relname, fresh);
  if ('CreateTableAsStmt' in statement) return remember(statement.CreateTableAsStmt.into?.rel?.relname, fresh);
  if ('IndexStmt' in statement) return unlessFresh(statement.IndexStmt.relation?.relname, fresh, ['index-under-lock']);
  if ('AlterTableStmt' in statement) {
    const { relation, cmds = [] } = statement.AlterTableStmt;
    return unlessFresh(relation?.relname, fresh, cmds.flatMap(checkAlteration));
  }
  if ('RenameStmt' in statement) return unlessFresh(statement.RenameStmt.relation?.relname, fresh, ['contract']);
  if ('DropStmt' in statement)
    return ['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_TYPE'].includes(String(statement.DropStmt.removeType))
      ? ['contract']
      : [];
  if ('TruncateStmt' in statement) return ['contract'];
  if ('UpdateStmt' in statement && !statement.UpdateStmt.whereClause)
    return unlessFresh(statement.UpdateStmt.relation?.relname, fresh, ['unbounded-write']);
  if ('DeleteStmt' in statement && !statement.DeleteStmt.whereClause)
    return unlessFresh(statement.DeleteStmt.relation?.relname, fresh, ['unbounded-write']);
  if ('LockStmt' in statement) return ['explicit-lock'];
  if ('ClusterStmt' in statement || 'VacuumStmt' in statement || 'RefreshMatViewStmt' in statement) return ['rewrite'];
  if ('VariableSetStmt' in statement && /^(?:lock|statement)_timeout$/.test(statement.VariableSetStmt.name ?? ''))
    return ['timeout-removed'];
  return [];
}

function checkAlteration(command: Node): LintRule[] {
  if (!('AlterTableCmd' in command)) return [];
  const { subtype, def } = command.AlterTableCmd;
  if (subtype === 'AT_AlterColumnType') return ['rewrite'];
  if (subtype === 'AT_SetNotNull') return ['scan-under-lock'];
  if (subtype === 'AT_DropColumn') return ['contract'];
  if (subtype === 'AT_AddColumn' && def && 'ColumnDef' in def) return checkNewColumn(def.ColumnDef.constraints ?? []);
  if (subtype === 'AT_AddConstraint' && def && 'Constraint' in def) {
    const { contype, skip_validation: later, indexname } = def.Constraint;
    if ((contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN') && !later) return ['scan-under-lock'];
    if ((contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_EXCLUSION') && !indexname)
      return ['index-under-lock'];
  }
  return [];
}

function checkNewColumn(constraints: Node[]): LintRule[] {
  const all = constraints.flatMap((constraint) => ('Constraint' in constraint ? [constraint.Constraint] : []));
  const fallback = all.find((constraint) => constraint.contype === 'CONSTR_DEFAULT');
  const rules: LintRule[] = [];
  if (all.some((constraint) => constraint.contype === 'CONSTR_GENERATED' || constraint.contype === 'CONSTR_IDENTITY'))
    rules.push('rewrite');
  if (fallback && isVolatile(fallback.raw_expr)) rules.push('rewrite');
  // Fails at the first tenant that has a row.
  if (all.some((constraint) => constraint.contype === 'CONSTR_NOTNULL') && !fallback) rules.push('scan-under-lock');
  if (all.some((constraint) => constraint.contype === 'CONSTR_UNIQUE')) rules.push('index-under-lock');
  return rules;
}

/** Whether a default may differ from row to row. Of a function that is not known to be stable, that is assumed. */
function isVolatile(expression: unknown): boolean {
  if (typeof expression !== 'object' || expression === null) return false;
  if ('FuncCall' in expression) {
    const { funcname = [] } = (expression as { FuncCall: { funcname?: Node[] } }).FuncCall;
    const last = funcname.at(-1);
    return !(last && 'String' in last && STABLE_FUNCTIONS.has(last.String.sval ?? ''));
  }
  return Object.values(expression).some(isVolatile);
}

function remember(table: string | undefined, fresh: Set<string>): LintRule[] {
  if (table) fresh.add(table);
  return [];
}

function unlessFresh(table: string | undefined, fresh: Set<string>, rules: LintRule[]): LintRule[] {
  return table !== undefined && fresh.has(table) ? [] : rules;
}

function oneLine(statement: string): string {
  const text = statement.replace(/\s+/g, ' ').trim();
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
