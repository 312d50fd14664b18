import { AppError, OperatorError } from './app-error.ts';

const UNREACHABLE =
  'Check that the server runs and that host and port are right (DATABASE_URL, or the URL of the cluster).';
const DAMAGED = 'A schema or role that the registry names is not there. Find out which: projectflow tenant doctor';

/** What is the matter and what to do, by the code of the system, of Node or of PostgreSQL (SQLSTATE). */
const WAYS_OUT: Record<string, string> = {
  ECONNREFUSED: UNREACHABLE,
  ECONNRESET: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  ENOSPC: 'The disk is full. Free some space, then run this again.',
  EDQUOT: 'The disk quota is used up. Free some space, then run this again.',
  EROFS: 'The file system is read-only. Choose another folder (DATA_DIR, FILES_DIR, or the path that was given).',
  EACCES: 'This user may not do that with the file. Change its owner or mode, or run as another user.',
  EPERM: 'This user may not do that with the file. Change its owner or mode, or run as another user.',
  ENOENT: 'Check the path.',
  EISDIR: 'Give the path of a file.',
  ENOTDIR: 'Give the path of a folder.',
  EMFILE: 'The limit of open files is reached. Raise it: ulimit -n 65536',
  '28000': 'The database refuses the login. Check user and password in DATABASE_URL.',
  '28P01': 'The database refuses the login. Check user and password in DATABASE_URL.',
  '3D000': 'Create the database, or name another one in DATABASE_URL.',
  '25006': 'The server is a read-only standby. Name the primary in DATABASE_URL.',
  '42501': 'The login lacks a right. Give DATABASE_URL the owner of the database.',
  '53100': 'The disk of the database server is full. Free some space, then run this again.',
  '53200': 'The database server is out of memory. Run this again later, or give it more.',
  '53300': 'The database has no free connection. Raise max_connections, or stop what holds them.',
  '55P03': 'What this needs is locked by another session. Run it again in a moment.',
  '57014': 'The database took too long and the statement was cancelled. Run it again when there is less load.',
  '57P01': 'The database is restarting. Run this again in a moment.',
  '57P02': 'The database is restarting. Run this again in a moment.',
  '57P03': 'The database is starting. Run this again in a moment.',
  '08006': UNREACHABLE,
  '3F000': DAMAGED,
  '42P01': DAMAGED,
  '22023': DAMAGED,
};

/**
 * What an operator reads when a command or a start failed: a fact and a way out, and never a stack.
 *
 * @param showStack for whoever looks for a fault in the product (LOG_LEVEL=debug or trace)
 */
export function operatorMessage(error: unknown, showStack = false): string {
  const message = messageOf(error);
  if (error instanceof OperatorError || error instanceof AppError) return message;
  if (showStack && error instanceof Error) return error.stack ?? message;
  const wayOut = WAYS_OUT[codeOf(error) ?? ''];
  return `${message}\n${wayOut ?? 'This was not expected. LOG_LEVEL=debug shows where it happened; please report it.'}`;
}

/** Node tries several addresses of a host and collects what went wrong with each. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return [...new Set(error.errors.map(messageOf))].join('; ');
  if (error instanceof AppError && error.details.length > 0)
    return error.details.map((detail) => detail.message).join('\n');
  return error instanceof Error ? error.message : String(error);
}

/** Of the error, or of what it was caused by. */
function codeOf(error: unknown): string | undefined {
  for (let each = error, depth = 0; typeof each === 'object' && each !== null && depth < 5; depth += 1) {
    if ('code' in each && typeof each.code === 'string') return each.code;
    each = 'driverError' in each ? each.driverError : 'cause' in each ? each.cause : null;
  }
  return undefined;
}
