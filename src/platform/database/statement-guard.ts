import { StatementRefused } from './database.errors.ts';

/** Stands in entities, raw SQL and migrations where the tenant's schema will stand. */
export const TENANT_SCHEMA = '@tenant';
const QUOTED_PLACEHOLDER = `"${TENANT_SCHEMA}"`;

/** Names are opaque and never change: renaming a tenant touches the registry alone. */
export const SCHEMA_NAME = /^t_[0-9a-f]{16}$/;
const NAMES_A_SCHEMA = /\bt_[0-9a-f]{16}\b/;

const LEADING_COMMENTS = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;
const LEADING_WORD = /^[a-z]+/i;

/** By the statement's first word: what would outlive the transaction, or end it behind the lease's back. */
const REFUSED_STATEMENTS: Record<string, string> = {
  SET: 'SET outlives or loosens the bind to the tenant; settings belong to the login role',
  RESET: 'RESET undoes the bind to the tenant',
  DISCARD: 'DISCARD undoes the bind to the tenant',
  LISTEN: 'LISTEN stays on a connection that other tenants use; use the dedicated one',
  UNLISTEN: 'UNLISTEN belongs to the dedicated connection',
  NOTIFY: 'NOTIFY takes a database-wide lock at commit; announce an event',
  PREPARE: 'PREPARE leaves a statement on a connection that other tenants use',
  EXECUTE: 'EXECUTE runs a statement that was prepared on a shared connection',
  DEALLOCATE: 'DEALLOCATE touches statements of other tenants',
  DO: 'DO hides its statements from this check',
  CALL: 'CALL may commit in the middle of a transaction',
  COPY: 'COPY needs a stream, which bypasses the bind; insert in batches',
  BEGIN: 'transactions are opened by ctx.transaction()',
  END: 'transactions are closed by ctx.transaction()',
  ABORT: 'transactions are closed by ctx.transaction()',
};

const REFUSED_PARTS: [RegExp, string][] = [
  [/\bset_config\s*\(/i, 'set_config() changes the role or the path behind the bind'],
  [/\bpg_(?:try_)?advisory_(?:un)?lock(?:_shared|_all)?\s*\(/i, 'a session lock crosses tenants; use pg_advisory_xact_lock()'],
  [/\bWITH\s+HOLD\b/i, 'a cursor WITH HOLD outlives its transaction and its tenant'],
  [/\bCREATE\s+(?:(?:LOCAL|GLOBAL)\s+)?TEMP(?:ORARY)?\b/i, 'a temporary table stays on a connection that other tenants use'],
];

/** Transaction control that TypeORM's query runner sends; the lease interprets it. */
export type TransactionWord = 'start' | 'characteristics' | 'commit' | 'rollback' | 'savepoint';

const TRANSACTION_STATEMENT =
  /^(?:(START TRANSACTION)|(SET TRANSACTION ISOLATION LEVEL (?:READ COMMITTED|REPEATABLE READ|SERIALIZABLE))|(COMMIT)|(ROLLBACK)|((?:RELEASE |ROLLBACK TO )?SAVEPOINT typeorm_\d+))$/;

export function transactionWord(text: string): TransactionWord | null {
  const match = TRANSACTION_STATEMENT.exec(text);
  if (!match) return null;
  if (match[1]) return 'start';
  if (match[2]) return 'characteristics';
  if (match[3]) return 'commit';
  return match[4] ? 'rollback' : 'savepoint';
}

/**
 * Gives the statement its tenant: puts `schema` in place of the whole quoted identifier `"@tenant"`.
 * Everything that could reach past the tenant, or stay on the connection for the next one, is refused with its reason.
 *
 * The placeholder cannot collide: unquoted `@tenant` is a syntax error and no schema has that name, so a place that
 * was missed fails in the database instead of leaking.
 *
 * @throws StatementRefused
 */
export function bindSchema(text: string, schema: string): string {
  const refusal = refusalOf(text);
  if (refusal) throw new StatementRefused(refusal);
  // A function, because `$&` and its kin are special in a replacement string.
  const bound = text.replaceAll(QUOTED_PLACEHOLDER, () => `"${schema}"`);
  if (bound.includes(TENANT_SCHEMA)) {
    throw new StatementRefused('the statement holds @tenant outside the quoted identifier "@tenant"');
  }
  return bound;
}

function refusalOf(text: string): string | null {
  if (text.includes('\0')) return 'the statement holds a NUL byte, which would end it early on the wire';
  if (NAMES_A_SCHEMA.test(text)) return 'the statement names a tenant schema; write "@tenant"';
  const body = text.replace(LEADING_COMMENTS, '');
  const word = LEADING_WORD.exec(body)?.[0].toUpperCase() ?? '';
  const refused = REFUSED_STATEMENTS[word];
  if (refused) return refused;
  if (word === 'COMMIT' || word === 'ROLLBACK' || word === 'START' || word === 'SAVEPOINT' || word === 'RELEASE') {
    return 'transactions are opened and closed by ctx.transaction()';
  }
  for (const [pattern, reason] of REFUSED_PARTS) if (pattern.test(body)) return reason;
  return null;
}
