import { Body, Controller, Delete, Get, Param, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { LocatedAt } from '../platform/http/envelope.interceptor.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { AddClusterBody, ChangeClusterBody, ClusterResponse, toClusterResponse } from './clusters.dto.ts';
import { ClustersService } from './clusters.service.ts';

@ApiTags('platform')
@Controller('platform/clusters')
export class ClustersController {
  constructor(private readonly clusters: ClustersService) {}

  @Does('List the databases that tenants live in')
  @Get()
  @ForOperators()
  @AnswersPage(ClusterResponse)
  async list(): Promise<Page<ClusterResponse>> {
    return Page.whole(await this.clusters.listWithHealth()).map(toClusterResponse);
  }

  @Does('Add a database for tenants', 'It is prepared before this answers, and nothing is kept when that fails.')
  @Post()
  @LocatedAt('/api/v1/platform/clusters/{name}')
  @ForOperators('cluster.add', ['name', 'region', 'plans', 'capacity', 'dedicated'])
  @Answers(201, ClusterResponse)
  async add(@Body() body: AddClusterBody): Promise<ClusterResponse> {
    await this.clusters.add(body);
    return this.get(body.name);
  }

  @Does('Read a database by its name')
  @Get(':name')
  @ForOperators()
  @Answers(200, ClusterResponse)
  async get(@Param('name') name: string): Promise<ClusterResponse> {
    return toClusterResponse(await this.clusters.getWithHealth(name));
  }

  @Does('Change a database', 'A new address is kept only if the database is reached there.')
  @Patch(':name')
  @ForOperators('cluster.change', ['region', 'plans', 'capacity', 'accepts'])
  @Answers(200, ClusterResponse)
  async change(@Param('name') name: string, @Body() body: ChangeClusterBody): Promise<ClusterResponse> {
    await this.clusters.change(name, body);
    return this.get(name);
  }

  @Does('Take a database out of use', 'Refused while tenants live there.')
  @Delete(':name')
  @ForOperators('cluster.remove')
  @AnswersNothing()
  remove(@Param('name') name: string): Promise<void> {
    return this.clusters.remove(name);
  }
}
