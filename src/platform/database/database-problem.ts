import { QueryFailedError } from 'typeorm';
import { AppError } from '../errors/app-error.ts';
import { DatabaseBusy, StorageFull } from './database.errors.ts';

/** SQLSTATE of the violated rule, also through TypeORM's wrapper. */
export function sqlState(thrown: unknown): string | undefined {
  const error: unknown = thrown instanceof QueryFailedError ? thrown.driverError : thrown;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

const TRY_AGAIN: Record<string, string> = {
  '40001': 'The change collided with another one.',
  '40P01': 'The change collided with another one.',
  '55P03': 'The record is being changed by somebody else.',
  // The tenant's role may not enter: its schema was left a moment ago, because it was moved.
  '42501': 'This organisation is being moved.',
  '57014': 'The database took too long to answer.',
  '57P01': 'The database is restarting.',
  '57P02': 'The database is restarting.',
  '57P03': 'The database is starting.',
  '28P01': 'The database refuses our login.',
  '28000': 'The database refuses our login.',
  '3D000': 'The database cannot be reached.',
  '53200': 'The database is out of memory.',
  '53300': 'The database has no free connection at the moment.',
  '53400': 'A limit of the database is reached.',
  '53000': 'The database is short of something.',
  '08006': 'The connection to the database was lost.',
  // A pooler whose backend died says it so; we speak no protocol of our own that could be wrong.
  '08P01': 'The connection to the database was lost.',
  ECONNREFUSED: 'The database cannot be reached.',
  ECONNRESET: 'The connection to the database was lost.',
  ETIMEDOUT: 'The database cannot be reached.',
  EHOSTUNREACH: 'The database cannot be reached.',
  ENETUNREACH: 'The database cannot be reached.',
  ENOTFOUND: 'The database cannot be reached.',
  EAI_AGAIN: 'The database cannot be reached.',
  // The server had closed the connection before it was written to.
  EPIPE: 'The connection to the database was lost.',
};

/** Of the database's disk, and of the disk or quota that files are written to. */
const NO_ROOM = new Set(['53100', 'ENOSPC', 'EDQUOT']);

/** The tenant's role went with the old copy, and we have not heard of it yet. */
const ROLE_GONE = /^role "[^"]+" does not exist$/;

/** It has not heard yet that this role, schema or something in it was made. */
const NOT_THERE_YET = new Set(['22023', '3F000', '42P01', '42703', '42501']);

/** The replica is away or behind, or took back what it was reading: 40001, or a statement that waited too long for it. */
export function isReplicaTrouble(thrown: unknown): boolean {
  return (
    NOT_THERE_YET.has(sqlState(thrown) ?? '') ||
    databaseProblem(thrown) instanceof DatabaseBusy ||
    (thrown instanceof AppError && thrown.kind === 'unavailable')
  );
}

/** What a caller may hear of a database error: "try again", or that a value is wrong; else null. */
export function databaseProblem(thrown: unknown): AppError | null {
  // TypeORM wraps what the lease throws; the error inside says more.
  if (thrown instanceof QueryFailedError) {
    const inner: unknown = thrown.driverError;
    if (inner instanceof AppError) return inner;
  }
  const state = sqlState(thrown);
  if (state !== undefined && NO_ROOM.has(state)) return new StorageFull(thrown);
  if (state === '22023' && thrown instanceof Error && ROLE_GONE.test(thrown.message))
    return new DatabaseBusy('This organisation was moved. Try again in a moment.', thrown);
  // Class 22, data exceptions: a value that every check of ours let pass. Still the caller's, and nothing was written.
  if (state === '22023' && isMissingRole(thrown))
    return new DatabaseBusy('This organisation is being moved. Try again in a moment.', thrown);
  if (state !== undefined && /^22...$/.test(state)) {
    return new AppError('invalid', 'invalid_value', 'A value cannot be stored or compared.', { cause: thrown });
  }
  if (state !== undefined && TRY_AGAIN[state])
    return new DatabaseBusy(`${TRY_AGAIN[state]} Try again in a moment.`, thrown);
  if (
    thrown instanceof Error &&
    /Connection terminated|not queryable|not currently accepting connections|timeout expired|Query read timeout|timeout exceeded when trying to connect/.test(
      thrown.message,
    )
  ) {
    return new DatabaseBusy('The connection to the database was lost. Try again in a moment.', thrown);
  }
  return null;
}

/** The bind to a tenant that was moved or purged a moment ago: its role is gone. */
function isMissingRole(thrown: unknown): boolean {
  const error: unknown = thrown instanceof QueryFailedError ? thrown.driverError : thrown;
  return error instanceof Error && /^role "pf_[^"]+" does not exist$/.test(error.message);
}
