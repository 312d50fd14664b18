import { LRUCache } from 'lru-cache';
import { StatementRefused } from './database.errors.ts';

/** Stands in entities, raw SQL and migrations where the tenant's schema will stand. */
export const TENANT_SCHEMA = '@tenant';
const QUOTED_PLACEHOLDER = `"${TENANT_SCHEMA}"`;

/** Names are opaque and never change: renaming a tenant touches the registry alone. */
export const SCHEMA_NAME = /^t_[0-9a-f]{16}$/;

const LEADING_SPACE = /^(?:\s+|--[^\n\r]*)/;
const COMMENT_BORDER = /\/\*|\*\//g;
/** A word, or the parenthesis of `(SELECT ...) UNION ...`. */
const LEADING_WORD = /^(?:[a-z]+|\()/i;

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
  LOAD: 'LOAD changes a connection that other tenants use',
  COPY: 'COPY needs a stream, which bypasses the bind; insert in batches',
  BEGIN: 'transactions are opened by ctx.transaction()',
  END: 'transactions are closed by ctx.transaction()',
  ABORT: 'transactions are closed by ctx.transaction()',
};

/**
 * Looked for in the whole text, literals and comments included: a name that is spelled out cannot be hidden there, and
 * values belong into parameters anyhow. The only other spelling of a name is U&"...", so that is refused too.
 */
const REFUSED_PARTS: [RegExp, string][] = [
  // Unquoted names are folded to lower case, so T_... is the same schema.
  [/\bt_[0-9a-f]{16}\b/i, 'the statement names a tenant schema; write "@tenant"'],
  [/U&"/i, 'U&"..." can spell the name of another schema past this check'],
  [/\bset_config\b/i, 'set_config() changes the role or the path behind the bind'],
  [/\bpg_settings\b/i, 'an UPDATE of pg_settings is SET under another name'],
  [/\bpg_notify\b/i, 'pg_notify() takes a database-wide lock at commit; announce an event'],
  [
    /\bpg_(?:try_)?advisory_(?:un)?lock(?:_shared|_all)?\b/i,
    'a session lock crosses tenants; use pg_advisory_xact_lock()',
  ],
  [/\bpg_temp(?:_\d+)?\b/i, 'a temporary table stays on a connection that other tenants use'],
  [/_to_xml|\bts_stat\b|\bts_rewrite\b/i, 'the function runs statements that this check does not see'],
  [
    /\blo_(?:creat|create|from_bytea|get|put|open|close|unlink|import|export|lseek|tell|truncate)(?:64)?\b|\blo(?:read|write)\b/i,
    'a large object lies in no schema; store bytes in a column, or a file',
  ],
];

const TEMPORARY = /\bTEMP(?:ORARY)?\b/i;
const MAKES_A_TABLE = /^(?!(?:INSERT|UPDATE|DELETE|MERGE)\b)[^]*\b(?:CREATE|INTO)\b/i;
const KEEPS_CURSOR = /^DECLARE\b[^]*\bHOLD\b/i;

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
 * This is the first key, against our own mistakes and what an injection could reach from the middle of a statement. It
 * does not parse SQL: several statements in one text are refused by the server, a name that is put together at run time
 * and everything that the catalogues show to anybody is left to the tenant's role, the second key.
 *
 * @throws StatementRefused
 */
export function bindSchema(text: string, schema: string): string {
  let parts = passed.get(text);
  if (!parts) passed.set(text, (parts = partsOf(text)));
  return parts.join(`"${schema}"`);
}

/** Statements that were let pass, in the parts between their placeholders: the same ones come again and again. */
const passed = new LRUCache<string, string[]>({ maxSize: 4_000_000, sizeCalculation: (_, text) => text.length });

function partsOf(text: string): string[] {
  const refusal = refusalOf(text);
  if (refusal) throw new StatementRefused(refusal);
  const parts = text.split(QUOTED_PLACEHOLDER);
  if (parts.some((part) => part.includes(TENANT_SCHEMA))) {
    throw new StatementRefused('the statement holds @tenant outside the quoted identifier "@tenant"');
  }
  return parts;
}

function refusalOf(text: string): string | null {
  if (text.includes('\0')) return 'the statement holds a NUL byte, which would end it early on the wire';
  for (const [pattern, reason] of REFUSED_PARTS) if (pattern.test(text)) return reason;
  const body = withoutLeadingComments(text);
  const word = LEADING_WORD.exec(body)?.[0].toUpperCase();
  if (word === undefined) return 'the statement does not begin with its keyword, so nobody can tell what it does';
  const refused = REFUSED_STATEMENTS[word];
  if (refused) return refused;
  if (word === 'COMMIT' || word === 'ROLLBACK' || word === 'START' || word === 'SAVEPOINT' || word === 'RELEASE') {
    return 'transactions are opened and closed by ctx.transaction()';
  }
  if (TEMPORARY.test(body) && MAKES_A_TABLE.test(body)) {
    return 'a temporary table stays on a connection that other tenants use';
  }
  if (KEEPS_CURSOR.test(body)) return 'a cursor WITH HOLD outlives its transaction and its tenant';
  return null;
}

/** As the server reads them: block comments nest, and a line ends at a carriage return as well. */
function withoutLeadingComments(text: string): string {
  let rest = text;
  for (;;) {
    const space = LEADING_SPACE.exec(rest)?.[0].length ?? (rest.startsWith('/*') ? blockCommentLength(rest) : 0);
    if (space === 0) return rest;
    rest = rest.slice(space);
  }
}

function blockCommentLength(text: string): number {
  let depth = 0;
  for (const { 0: border, index } of text.matchAll(COMMENT_BORDER)) {
    depth += border === '/*' ? 1 : -1;
    if (depth === 0) return index + border.length;
  }
  return text.length;
}
