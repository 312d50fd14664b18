/**
 * Something that happened, named in the past tense, with ids instead of entities. Subclasses are plain records that
 * survive JSON; the class's static `eventName` is the stable name in the outbox and for listeners.
 */
export abstract class DomainEvent {
  /** `task.completed`: resource and past participle. */
  static readonly eventName: string;

  get eventName(): string {
    return (this.constructor as typeof DomainEvent).eventName;
  }
}
