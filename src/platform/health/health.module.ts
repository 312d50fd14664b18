import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.ts';
import { HealthService } from './health.service.ts';

/** Owns: what balancers and operators ask of this process. Offers: nothing. */
@Module({ controllers: [HealthController], providers: [HealthService] })
export class HealthModule {}
