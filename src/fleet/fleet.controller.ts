import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import { Answers } from '../platform/http/openapi.ts';
import {
  JobResponse,
  MigrateBody,
  MigrationStatusResponse,
  toJobResponse,
  toMigrationOrder,
  toMigrationStatus,
} from './fleet.dto.ts';
import { MigrationOrders } from './migration-orders.service.ts';

@ApiTags('platform')
@ApiBearerAuth()
@Controller('platform/migrations')
export class FleetController {
  constructor(private readonly orders: MigrationOrders) {}

  /** How many tenants are at which version, who failed, and who is asked for in vain. */
  @Get()
  @ForOperators()
  @Answers(200, MigrationStatusResponse)
  async status(): Promise<MigrationStatusResponse> {
    return toMigrationStatus(await this.orders.status());
  }

  /** Brings every tenant to the version of this release, in the background. While one run is under way, that one is answered. */
  @Post()
  @ForOperators('fleet.migrate', ['concurrency', 'canaryPercent', 'maxFailures', 'maxLag'])
  @Answers(202, JobResponse)
  async migrate(@Body() body: MigrateBody): Promise<JobResponse> {
    return toJobResponse(await this.orders.order(toMigrationOrder(body)));
  }
}
