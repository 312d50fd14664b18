import { DomainEvent } from '../platform/events/domain-event.ts';

abstract class DependencyEvent extends DomainEvent {
  constructor(
    readonly dependencyId: string,
    /** The one that waits. */
    readonly taskId: string,
    readonly dependsOnTaskId: string,
    readonly projectId: string,
  ) {
    super();
  }
}

export class DependencyAdded extends DependencyEvent {
  static override readonly eventName = 'dependency.added';
}

/** Its type or its lag. */
export class DependencyChanged extends DependencyEvent {
  static override readonly eventName = 'dependency.changed';
}

export class DependencyRemoved extends DependencyEvent {
  static override readonly eventName = 'dependency.removed';
}
