import { DomainEvent } from './domain-event.ts';

/**
 * What a person may do, or whether they may act at all, is not what it was: their account, roles, second factors, memberships,
 * or what these permit. Announced with its cause, so that no process keeps a copy of the actor although the one that changed
 * it died right after the commit.
 */
export class ActorsChanged extends DomainEvent {
  static override readonly eventName = 'actors.changed';

  /** @param userId null for everybody in the organisation */
  constructor(readonly userId: string | null) {
    super();
  }
}

/** Under what copies of actors are kept, so that they are forgotten together: those of a schema, or of one person in it. */
export function actorCopies(schema: string, userId: string | null): string {
  return userId === null ? `actors:${schema}` : `actors:${schema}:${userId}`;
}
