import { Body, Controller, Delete, Get, Param, Patch, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { LocatedAt } from '../platform/http/envelope.interceptor.ts';
import { Answers, AnswersNothing, AnswersPage } from '../platform/http/openapi.ts';
import { AddClusterBody, ChangeClusterBody, ClusterResponse, toClusterResponse } from './clusters.dto.ts';
import { ClustersService } from './clusters.service.ts';

@ApiTags('platform')
@ApiBearerAuth()
@Controller('platform/clusters')
export class ClustersController {
  constructor(private readonly clusters: ClustersService) {}

  @Get()
  @ForOperators()
  @AnswersPage(ClusterResponse)
  async list(): Promise<Page<ClusterResponse>> {
    return Page.whole(await this.clusters.list()).map(toClusterResponse);
  }

  /** Adds a database: it is prepared now, and nothing is kept when that fails. */
  @Post()
  @LocatedAt('/api/v1/platform/clusters/{name}')
  @ForOperators('cluster.add', ['name', 'region', 'plans', 'capacity', 'dedicated'])
  @Answers(201, ClusterResponse)
  async add(@Body() body: AddClusterBody): Promise<ClusterResponse> {
    return toClusterResponse(await this.clusters.add(body));
  }

  @Get(':name')
  @ForOperators()
  @Answers(200, ClusterResponse)
  async get(@Param('name') name: string): Promise<ClusterResponse> {
    return toClusterResponse(await this.clusters.get(name));
  }

  /** With a new address it is reached there first. */
  @Patch(':name')
  @ForOperators('cluster.change', ['region', 'plans', 'capacity', 'accepts'])
  @Answers(200, ClusterResponse)
  async change(@Param('name') name: string, @Body() body: ChangeClusterBody): Promise<ClusterResponse> {
    return toClusterResponse(await this.clusters.change(name, body));
  }

  /** Takes a database out of use; refused while tenants live there. */
  @Delete(':name')
  @ForOperators('cluster.remove')
  @AnswersNothing()
  remove(@Param('name') name: string): Promise<void> {
    return this.clusters.remove(name);
  }
}
