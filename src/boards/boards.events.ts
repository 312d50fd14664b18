import { DomainEvent } from '../platform/events/domain-event.ts';

export class WorkflowReplaced extends DomainEvent {
  static override readonly eventName = 'workflow.replaced';
  constructor(readonly projectId: string) {
    super();
  }
}
