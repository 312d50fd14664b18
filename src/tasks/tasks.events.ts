import { DomainEvent } from '../platform/events/domain-event.ts';

export class TaskCreated extends DomainEvent {
  static override readonly eventName = 'task.created';
  constructor(
    readonly taskId: string,
    readonly projectId: string,
  ) {
    super();
  }
}

export class TaskUpdated extends DomainEvent {
  static override readonly eventName = 'task.updated';
  constructor(
    readonly taskId: string,
    readonly projectId: string,
    readonly fields: string[],
  ) {
    super();
  }
}

export class TaskAssigned extends DomainEvent {
  static override readonly eventName = 'task.assigned';
  constructor(
    readonly taskId: string,
    readonly projectId: string,
    readonly assigneeId: string | null,
    readonly formerAssigneeId: string | null,
  ) {
    super();
  }
}

export class TaskStatusChanged extends DomainEvent {
  static override readonly eventName = 'task.status_changed';
  constructor(
    readonly taskId: string,
    readonly projectId: string,
    readonly from: string,
    readonly to: string,
  ) {
    super();
  }
}

export class TaskDeleted extends DomainEvent {
  static override readonly eventName = 'task.deleted';
  constructor(
    readonly taskId: string,
    readonly projectId: string,
  ) {
    super();
  }
}

/** It stands at another place among the tasks of its project. */
export class TaskMoved extends DomainEvent {
  static override readonly eventName = 'task.moved';
  constructor(
    readonly taskId: string,
    readonly projectId: string,
  ) {
    super();
  }
}

export class TaskRestored extends DomainEvent {
  static override readonly eventName = 'task.restored';
  constructor(
    readonly taskId: string,
    readonly projectId: string,
  ) {
    super();
  }
}
