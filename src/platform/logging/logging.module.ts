import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';

/** The pino logger. */
export const LOGGER = Symbol('logger');

/** Owns: the log. Offers: LOGGER. */
@Global()
@Module({})
export class LoggingModule {
  static with(logger: Logger): DynamicModule {
    return { module: LoggingModule, providers: [{ provide: LOGGER, useValue: logger }], exports: [LOGGER] };
  }
}
