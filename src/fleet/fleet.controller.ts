import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
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
@Controller('platform/migrations')
export class FleetController {
  constructor(private readonly orders: MigrationOrders) {}

  @Does(
    'Read how far the migrations of all tenants are',
    'How many tenants are at which version and which have failed; `wanted` are those that somebody asked for in vain, and that go first.',
  )
  @Get()
  @ForOperators()
  @Answers(200, MigrationStatusResponse)
  async status(): Promise<MigrationStatusResponse> {
    return toMigrationStatus(await this.orders.status());
  }

  @Does(
    'Bring every tenant to the version of this release',
    'In the background. While one run is under way, that one is answered.',
  )
  @Post()
  @ForOperators('fleet.migrate', ['concurrency', 'canaryPercent', 'maxFailures', 'maxLag'])
  @Answers(202, JobResponse)
  async migrate(@Body() body: MigrateBody): Promise<JobResponse> {
    return toJobResponse(await this.orders.order(toMigrationOrder(body)));
  }
}
