import { Global, Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { OutboxBell } from './outbox-bell.ts';
import { OutboxRelay } from './outbox-relay.ts';

/** Owns: the outbox and its relay. Offers: OutboxBell; listeners declare themselves with @Hears. */
@Global()
@Module({
  // As many modules as want to hear of the same event.
  imports: [EventEmitterModule.forRoot({ maxListeners: 0 })],
  providers: [OutboxBell, OutboxRelay],
  exports: [OutboxBell],
})
export class EventsModule {}
