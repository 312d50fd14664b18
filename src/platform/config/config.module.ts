import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Config } from './config.ts';

export const CONFIG = Symbol('config');

/** Owns: the validated settings. Offers: CONFIG. */
@Global()
@Module({})
export class ConfigModule {
  static with(config: Config): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: CONFIG, useValue: config }], exports: [CONFIG] };
  }
}
