import { Controller, Get, Query } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { Public } from '../platform/access/access.decorators.ts';
import { InvalidInput } from '../platform/errors/app-error.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import { TakesQuery, refuseOtherQuery } from '../platform/http/query.guard.ts';
import { AvailabilityResponse } from './tenants.dto.ts';
import { TenantsService } from './tenants.service.ts';

@ApiTags('tenants')
@Controller('tenants')
export class TenantsController {
  constructor(private readonly tenants: TenantsService) {}

  @Does('Check whether a slug can be had')
  @Get('availability')
  @Public({ tenant: false })
  @TakesQuery()
  @ApiQuery({ name: 'slug', schema: { type: 'string' } })
  @Answers(200, AvailabilityResponse)
  checkAvailability(@Query() query: Record<string, unknown>): Promise<AvailabilityResponse> {
    refuseOtherQuery(query, ['slug']);
    if (typeof query['slug'] !== 'string') {
      throw new InvalidInput(
        [{ pointer: '?slug', code: 'required', message: 'Say which slug: ?slug=acme.' }],
        'invalid_query',
      );
    }
    return this.tenants.checkAvailability(query['slug']);
  }
}
