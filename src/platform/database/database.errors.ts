import { AppError } from '../errors/app-error.ts';

/** The statement would leave its tenant, or leave something behind on a shared connection. A bug in our code, never the caller's. */
export class StatementRefused extends AppError {
  constructor(reason: string) {
    super('internal', 'statement_refused', reason);
  }
}

export class LeaseOver extends AppError {
  constructor(reason: string) {
    super('internal', 'lease_over', reason);
  }
}

/** PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error: whoever swallowed the error would lose data silently. */
export class TransactionNotCommitted extends AppError {
  constructor() {
    super(
      'internal',
      'transaction_not_committed',
      'The transaction was rolled back at COMMIT because a statement in it had failed.',
    );
  }
}

export class DatabaseBusy extends AppError {
  constructor(message: string, cause?: unknown) {
    super('unavailable', 'database_busy', message, { retryAfter: 1, cause });
  }
}

/** The message is for the log: a caller hears that the database is away. */
export class ClusterUnavailable extends AppError {
  constructor(
    readonly cluster: string,
    readonly reason: string,
    cause?: unknown,
  ) {
    super(
      'unavailable',
      'database_busy',
      'The database of this organisation cannot be reached. Try again in a moment.',
      {
        retryAfter: 5,
        cause,
      },
    );
  }
}

/** An entity would reach its rows past the tenant's handle. Seen at the start. */
export class EntityRefused extends AppError {
  constructor(entity: string, reason: string) {
    super('internal', 'entity_refused', `Entity ${entity}: ${reason}`);
  }
}

/** A migration does what a recording cannot hold, or gives another text the second time. */
export class MigrationRefused extends AppError {
  constructor(migration: string, reason: string) {
    super('internal', 'migration_refused', `Migration ${migration}: ${reason}`);
  }
}

/** The tenant moved away while its old schema was about to be changed. Nothing was done, or nothing that matters. */
export class SchemaLeft extends AppError {
  constructor(schema: string) {
    super('conflict', 'schema_left', `No tenant lives in ${schema} any more: it was moved meanwhile.`);
  }
}

/** The disk under the database, or under the files, has no room left. Nothing was written. */
export class StorageFull extends AppError {
  constructor(cause?: unknown) {
    super('unavailable', 'storage_full', 'There is no room left to store this. Nothing was changed; try again later.', {
      retryAfter: 60,
      cause,
    });
  }
}

/** Its schema, a table in it, its role or a grant of it is gone, and nobody is moving it. An operator can bring it back. */
export class TenantDamaged extends AppError {
  constructor(cause?: unknown) {
    super(
      'unavailable',
      'tenant_damaged',
      'The data of this organisation cannot be reached at the moment. Its operators have to repair it.',
      { retryAfter: 60, cause },
    );
  }
}
