import { AppError } from '../platform/errors/app-error.ts';

export class AuditEventMissing extends AppError {
  constructor() {
    super('missing', 'audit_event_not_found', 'There is no such event.');
  }
}
