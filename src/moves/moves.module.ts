import { Module } from '@nestjs/common';
import { MoveOrders } from './move-orders.service.ts';
import { MovesController } from './moves.controller.ts';
import { MovesJobs } from './moves.jobs.ts';
import { MovesService } from './moves.service.ts';
import { OldCopies } from './old-copies.service.ts';
import { TenantSwitch } from './tenant-switch.service.ts';

/**
 * Owns: putting a tenant on another schema, on the same or another cluster (public.tenant_moves).
 * Offers: MovesService; TenantSwitch, for whoever fills the new schema in another way. Announces: nothing. Hears: nothing.
 */
@Module({
  controllers: [MovesController],
  providers: [MovesService, OldCopies, TenantSwitch, MoveOrders, MovesJobs],
  exports: [MovesService, TenantSwitch],
})
export class MovesModule {}
