import { Global, Module } from '@nestjs/common';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { OutgoingRequests } from './outgoing-requests.ts';

/** Owns: the way out to addresses that somebody else chose. Offers: OutgoingRequests. */
@Global()
@Module({
  providers: [
    {
      provide: OutgoingRequests,
      inject: [CONFIG],
      useFactory: (config: Config) => new OutgoingRequests(config.OUTGOING_ALLOW_HOSTS),
    },
  ],
  exports: [OutgoingRequests],
})
export class OutgoingModule {}
