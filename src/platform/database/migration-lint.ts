import { parse, type ColumnDef, type Node } from 'libpg-query';
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
  | 'unqualified'
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
  unqualified: 'names a table without its schema, and finds none: write "@tenant".tasks in a tenant’s migration.',
  'not-sql': 'cannot be parsed.',
};

/** `-- lint allow contract: nobody reads it since 1.4`, in the statement. */
const ALLOWED = /--[ \t]*lint allow ([a-z-]+):[ \t]*\S/g;
/** Their value is the same for all rows of a statement, so that adding a column with it touches no row. */
const STABLE_FUNCTIONS = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'current_setting',
  'current_database',
]);

/** Nobody calls them by their names. */
const UNNAMED = new Set(['OBJECT_INDEX', 'OBJECT_TABCONSTRAINT', 'OBJECT_TRIGGER', 'OBJECT_POLICY']);
/** What instances of the release before may use, besides tables. */
const CONTRACT = new Set([
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_TYPE',
  'OBJECT_DOMAIN',
  'OBJECT_SEQUENCE',
  'OBJECT_FUNCTION',
  'OBJECT_PROCEDURE',
  'OBJECT_SCHEMA',
]);
const REWRITES = new Set([
  'AT_AlterColumnType',
  'AT_SetExpression',
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_SetAccessMethod',
  'AT_SetTableSpace',
]);
const SERIAL = /^(?:small|big)?serial[248]?$/;
/** Checked row by row, unless that is left for later. */
const SCANNED = new Set(['CONSTR_CHECK', 'CONSTR_FOREIGN', 'CONSTR_NOTNULL']);
const INDEXED = new Set(['CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_EXCLUSION']);

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
  for (const statement of statements) {
    for (const rule of check(statement, fresh)) broken.add(rule);
    if (namesUnqualified(statement, new Set())) broken.add('unqualified');
  }
  return broken;
}

/** @param own names of common table expressions, which stand for themselves */
function namesUnqualified(part: unknown, own: Set<string>): boolean {
  if (typeof part !== 'object' || part === null) return false;
  if ('ctename' in part && typeof part.ctename === 'string') own.add(part.ctename);
  if ('relname' in part && typeof part.relname === 'string' && !('schemaname' in part))
    return !own.has(part.relname) && !part.relname.startsWith('pg_');
  // What is named in WITH comes first, whatever the order of the parser's members.
  const parts = Object.entries(part).sort(([a], [b]) => Number(b === 'withClause') - Number(a === 'withClause'));
  return parts.some(([, each]) => namesUnqualified(each, own));
}

function check(statement: Node, fresh: Set<string>): LintRule[] {
  return [...checkStatement(statement, fresh), ...checkWith(statement, fresh)];
}

function checkStatement(statement: Node, fresh: Set<string>): LintRule[] {
  if ('CreateStmt' in statement) {
    const { relation, if_not_exists: orNot } = statement.CreateStmt;
    // With IF NOT EXISTS it may have been there before.
    return orNot ? [] : remember(relation?.relname, fresh);
  }
  if ('CreateTableAsStmt' in statement) return remember(statement.CreateTableAsStmt.into?.rel?.relname, fresh);
  if ('IndexStmt' in statement) return unlessFresh(statement.IndexStmt.relation?.relname, fresh, ['index-under-lock']);
  if ('ReindexStmt' in statement)
    return unlessFresh(statement.ReindexStmt.relation?.relname, fresh, ['index-under-lock']);
  if ('AlterTableStmt' in statement) {
    const { relation, cmds = [] } = statement.AlterTableStmt;
    return unlessFresh(relation?.relname, fresh, cmds.flatMap(checkAlteration));
  }
  if ('AlterDomainStmt' in statement) return statement.AlterDomainStmt.subtype === 'C' ? ['scan-under-lock'] : [];
  if ('RenameStmt' in statement) {
    const { renameType, relation } = statement.RenameStmt;
    return UNNAMED.has(String(renameType)) ? [] : unlessFresh(relation?.relname, fresh, ['contract']);
  }
  if ('AlterObjectSchemaStmt' in statement) return ['contract'];
  if ('DropStmt' in statement) return checkDrop(statement.DropStmt, fresh);
  if ('TruncateStmt' in statement) return ['contract'];
  if ('UpdateStmt' in statement) return checkWrite(statement.UpdateStmt, fresh);
  if ('DeleteStmt' in statement) return checkWrite(statement.DeleteStmt, fresh);
  if ('LockStmt' in statement) return ['explicit-lock'];
  if ('ClusterStmt' in statement || 'VacuumStmt' in statement || 'RefreshMatViewStmt' in statement) return ['rewrite'];
  if ('VariableSetStmt' in statement) {
    const { name, kind } = statement.VariableSetStmt;
    return kind === 'VAR_RESET_ALL' || /^(?:lock|statement)_timeout$/.test(name ?? '') ? ['timeout-removed'] : [];
  }
  // What runs in it is text for us as well.
  if ('DoStmt' in statement) return ['not-sql'];
  return [];
}

/** Writes that stand before the statement itself. */
function checkWith(statement: Node, fresh: Set<string>): LintRule[] {
  const [body] = Object.values(statement) as [{ withClause?: { ctes?: Node[] } }?];
  return (body?.withClause?.ctes ?? []).flatMap((each) =>
    'CommonTableExpr' in each && each.CommonTableExpr.ctequery ? check(each.CommonTableExpr.ctequery, fresh) : [],
  );
}

function checkWrite(
  { relation, whereClause }: { relation?: { relname?: string }; whereClause?: Node },
  fresh: Set<string>,
): LintRule[] {
  // `WHERE true` chooses nothing.
  const bounded = whereClause !== undefined && !('A_Const' in whereClause);
  return bounded ? [] : unlessFresh(relation?.relname, fresh, ['unbounded-write']);
}

function checkDrop(
  { removeType, objects = [] }: { removeType?: string; objects?: Node[] },
  fresh: Set<string>,
): LintRule[] {
  if (removeType !== 'OBJECT_TABLE') return CONTRACT.has(String(removeType)) ? ['contract'] : [];
  const names = objects.map((each) => {
    const last = 'List' in each ? each.List.items?.at(-1) : undefined;
    return last && 'String' in last ? last.String.sval : undefined;
  });
  return names.flatMap((name) => unlessFresh(name, fresh, ['contract']));
}

function checkAlteration(command: Node): LintRule[] {
  if (!('AlterTableCmd' in command)) return [];
  const { subtype, def } = command.AlterTableCmd;
  if (REWRITES.has(String(subtype))) return ['rewrite'];
  if (subtype === 'AT_SetNotNull') return ['scan-under-lock'];
  if (subtype === 'AT_DropColumn') return ['contract'];
  if (subtype === 'AT_AddColumn' && def && 'ColumnDef' in def) return checkNewColumn(def.ColumnDef);
  if (subtype === 'AT_AddConstraint' && def && 'Constraint' in def) {
    const { contype, skip_validation: later, indexname } = def.Constraint;
    if (SCANNED.has(String(contype)) && !later) return ['scan-under-lock'];
    if (INDEXED.has(String(contype)) && !indexname) return ['index-under-lock'];
  }
  return [];
}

function checkNewColumn({ typeName, constraints = [] }: ColumnDef): LintRule[] {
  const all = constraints.flatMap((constraint) => ('Constraint' in constraint ? [constraint.Constraint] : []));
  const has = (...types: string[]) => all.some((constraint) => types.includes(String(constraint.contype)));
  const fallback = all.find((constraint) => constraint.contype === 'CONSTR_DEFAULT');
  const type = typeName?.names?.at(-1);
  const serial = type !== undefined && 'String' in type && SERIAL.test(type.String.sval ?? '');
  const rules: LintRule[] = [];
  if (has('CONSTR_GENERATED', 'CONSTR_IDENTITY') || serial || (fallback && isVolatile(fallback.raw_expr)))
    rules.push('rewrite');
  // NOT NULL without a default fails at the first tenant that has a row.
  if (has('CONSTR_CHECK', 'CONSTR_FOREIGN') || (has('CONSTR_NOTNULL') && !fallback && !serial))
    rules.push('scan-under-lock');
  if (has('CONSTR_UNIQUE', 'CONSTR_PRIMARY')) rules.push('index-under-lock');
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
