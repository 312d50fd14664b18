import { Controller, Get, HttpStatus, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../access/access.decorators.ts';
import { RouteNotFound, isFromThisMachine } from '../http/loopback.ts';
import { Does } from '../http/openapi.ts';
import type { AppReply, AppRequest } from '../http/request.ts';
import { HealthService, type HealthReport, type Readiness } from './health.service.ts';

@ApiTags('health')
@Controller({ version: VERSION_NEUTRAL })
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Does('Tell that the process runs', 'For restarts: it says nothing of the database, which a restart would not mend.')
  @Get('health/live')
  @Public({ tenant: false })
  live(): { status: 'alive' } {
    return { status: 'alive' };
  }

  @Does('Tell whether requests can be served', 'For load balancers: 503 when they cannot.')
  @Get(['health/ready', 'ready'])
  @Public({ tenant: false })
  async ready(@Res({ passthrough: true }) reply: AppReply): Promise<{ status: Readiness }> {
    const status = await this.health.readiness();
    if (status !== 'ready') void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status };
  }

  @Does('Read the health of every part', 'Answers on the same machine only; 503 when something is unhealthy.')
  @Get('health')
  @Public({ tenant: false })
  async report(@Req() request: AppRequest, @Res({ passthrough: true }) reply: AppReply): Promise<HealthReport> {
    if (!isFromThisMachine(request)) throw new RouteNotFound();
    const report = await this.health.report();
    if (report.status === 'unhealthy') void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return report;
  }
}
