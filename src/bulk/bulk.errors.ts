import { AppError, type ErrorDetail } from '../platform/errors/app-error.ts';
import type { BulkFailure } from './bulk.types.ts';

export class BulkRunMissing extends AppError {
  constructor() {
    super('missing', 'bulk_run_not_found', 'There is no such run, or it is not yours.');
  }
}

/** One of the operations, and with it all of them. */
export class OperationFailed extends AppError {
  constructor(index: number, cause: AppError) {
    const details = failureOf(index, cause).details;
    super(cause.kind, cause.code, `Operation ${index + 1}: ${cause.message}`, { details, cause });
  }
}

/** What went wrong with one operation, pointing into the request. */
export function failureOf(index: number, { code, message, details }: AppError): BulkFailure {
  const at = `/operations/${index}`;
  const pointed: ErrorDetail[] = details.map((detail) => ({ ...detail, pointer: pointerTo(at, detail.pointer) }));
  return { code, message, details: pointed.length > 0 ? pointed : [{ pointer: at, code, message }] };
}

const OF_THE_OPERATION = /^\/(id|version|action|task|afterId|beforeId)(\/|$)/;

/** Fields of a task stand in `task`; those of the operation itself beside it. */
function pointerTo(operation: string, pointer: string): string {
  if (pointer === '' || OF_THE_OPERATION.test(pointer)) return operation + pointer;
  return pointer.startsWith('/') ? `${operation}/task${pointer}` : operation;
}
