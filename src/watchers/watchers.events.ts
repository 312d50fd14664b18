import { DomainEvent } from '../platform/events/domain-event.ts';

export class WatcherAdded extends DomainEvent {
  static override readonly eventName = 'watcher.added';
  constructor(
    readonly taskId: string,
    readonly userId: string,
  ) {
    super();
  }
}

export class WatcherRemoved extends DomainEvent {
  static override readonly eventName = 'watcher.removed';
  constructor(
    readonly taskId: string,
    readonly userId: string,
  ) {
    super();
  }
}
