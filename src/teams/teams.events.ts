import { DomainEvent } from '../platform/events/domain-event.ts';

export class TeamCreated extends DomainEvent {
  static override readonly eventName = 'team.created';
  constructor(readonly teamId: string) {
    super();
  }
}

export class TeamUpdated extends DomainEvent {
  static override readonly eventName = 'team.updated';
  constructor(readonly teamId: string) {
    super();
  }
}

/** That everybody in it has left is announced besides, person by person. */
export class TeamDeleted extends DomainEvent {
  static override readonly eventName = 'team.deleted';
  constructor(readonly teamId: string) {
    super();
  }
}

export class TeamMemberAdded extends DomainEvent {
  static override readonly eventName = 'team.member_added';
  constructor(
    readonly teamId: string,
    readonly userId: string,
  ) {
    super();
  }
}

/** Their open tasks become unassigned in projects that they were in through this team alone. */
export class TeamMemberRemoved extends DomainEvent {
  static override readonly eventName = 'team.member_removed';
  constructor(
    readonly teamId: string,
    readonly userId: string,
  ) {
    super();
  }
}
