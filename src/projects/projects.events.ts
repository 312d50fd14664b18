import { DomainEvent } from '../platform/events/domain-event.ts';
import type { ProjectRole } from '../platform/access/permissions.ts';

export class ProjectCreated extends DomainEvent {
  static override readonly eventName = 'project.created';
  constructor(readonly projectId: string) {
    super();
  }
}

export class ProjectUpdated extends DomainEvent {
  static override readonly eventName = 'project.updated';
  constructor(
    readonly projectId: string,
    readonly fields: string[],
  ) {
    super();
  }
}

/** Its tasks go with it. */
export class ProjectDeleted extends DomainEvent {
  static override readonly eventName = 'project.deleted';
  constructor(readonly projectId: string) {
    super();
  }
}

export class ProjectMemberAdded extends DomainEvent {
  static override readonly eventName = 'project.member_added';
  constructor(
    readonly projectId: string,
    readonly userId: string,
    readonly role: ProjectRole,
  ) {
    super();
  }
}

/** Their open tasks in the project become unassigned, unless they are in it through a team. */
export class ProjectMemberRemoved extends DomainEvent {
  static override readonly eventName = 'project.member_removed';
  constructor(
    readonly projectId: string,
    readonly userId: string,
  ) {
    super();
  }
}

/** Also when it had another role before. */
export class ProjectTeamGiven extends DomainEvent {
  static override readonly eventName = 'project.team_given';
  constructor(
    readonly projectId: string,
    readonly teamId: string,
    readonly role: ProjectRole,
  ) {
    super();
  }
}

/** Open tasks of those who were in the project through this team alone become unassigned. */
export class ProjectTeamRemoved extends DomainEvent {
  static override readonly eventName = 'project.team_removed';
  constructor(
    readonly projectId: string,
    readonly teamId: string,
  ) {
    super();
  }
}

/** Back from its deletion, with everything that was in it. */
export class ProjectRestored extends DomainEvent {
  static override readonly eventName = 'project.restored';
  constructor(readonly projectId: string) {
    super();
  }
}
