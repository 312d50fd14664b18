import { Module } from '@nestjs/common';
import { MovesModule } from '../moves/moves.module.ts';
import { AdoptionService } from './adoption.service.ts';
import { DoctorService } from './doctor.service.ts';
import { FleetController } from './fleet.controller.ts';
import { FleetJobs } from './fleet.jobs.ts';
import { FleetPressure } from './fleet-pressure.service.ts';
import { FleetService } from './fleet.service.ts';
import { HalfDoneExamination } from './half-done-examination.service.ts';
import { MigrationOrders } from './migration-orders.service.ts';
import { RevertingService } from './reverting.service.ts';
import { Reseal } from './reseal.service.ts';
import { SchemaExamination } from './schema-examination.service.ts';

/**
 * Owns: work on many tenants at once: their migrations, what is wrong with any of them, schemas without a row, and sealing all secrets anew.
 * Offers: FleetService, DoctorService, AdoptionService, Reseal, RevertingService, to the operators' commands. Announces: nothing. Hears: nothing.
 */
@Module({
  imports: [MovesModule],
  controllers: [FleetController],
  providers: [
    FleetService,
    MigrationOrders,
    FleetJobs,
    FleetPressure,
    DoctorService,
    AdoptionService,
    HalfDoneExamination,
    SchemaExamination,
    Reseal,
    RevertingService,
  ],
  exports: [FleetService, DoctorService, AdoptionService, Reseal, RevertingService],
})
export class FleetModule {}
