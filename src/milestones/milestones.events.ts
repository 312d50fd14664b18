import { DomainEvent } from '../platform/events/domain-event.ts';

export class MilestoneCreated extends DomainEvent {
  static override readonly eventName = 'milestone.created';
  constructor(
    readonly milestoneId: string,
    readonly projectId: string,
  ) {
    super();
  }
}

export class MilestoneChanged extends DomainEvent {
  static override readonly eventName = 'milestone.changed';
  constructor(
    readonly milestoneId: string,
    readonly projectId: string,
    readonly fields: string[],
  ) {
    super();
  }
}

export class MilestoneDeleted extends DomainEvent {
  static override readonly eventName = 'milestone.deleted';
  constructor(
    readonly milestoneId: string,
    readonly projectId: string,
  ) {
    super();
  }
}
