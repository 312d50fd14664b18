import { OnEvent } from '@nestjs/event-emitter';
import type { DomainEvent } from './domain-event.ts';

/**
 * The method hears this event after its transaction committed, at least once: it must do no harm when called again.
 * It is given a context of the event's tenant, acting as the system, and the event's data. An error reaches the relay,
 * which tries again later.
 */
export const Hears = (event: { eventName: string; prototype: DomainEvent }) =>
  OnEvent(event.eventName, { suppressErrors: false });
