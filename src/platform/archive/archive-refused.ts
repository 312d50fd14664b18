import { OperatorError } from '../errors/app-error.ts';

export type RefusalReason = 'foreign' | 'newer' | 'truncated' | 'changed' | 'misfit' | 'too large';

/** The archive cannot be loaded, and nothing of it should be kept: whoever loads it rolls back. */
export class ArchiveRefused extends OperatorError {
  constructor(
    readonly reason: RefusalReason,
    message: string,
    cause?: unknown,
  ) {
    super(message);
    this.cause = cause;
  }
}

export function truncated(cause?: unknown): ArchiveRefused {
  return new ArchiveRefused('truncated', 'The archive ends too early: a part of it is missing. Get it again.', cause);
}

/** @param what finishes "The archive is damaged or was changed: " */
export function changed(what: string, cause?: unknown): ArchiveRefused {
  return new ArchiveRefused('changed', `The archive is damaged or was changed: ${what}. Get it again.`, cause);
}
