import { DomainEvent } from '../platform/events/domain-event.ts';

export class BulkRunOrdered extends DomainEvent {
  static override readonly eventName = 'bulk_run.ordered';
  constructor(readonly runId: string) {
    super();
  }
}
