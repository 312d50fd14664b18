import { Body, Controller, Delete, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersPage, Does } from '../platform/http/openapi.ts';
import {
  DeleteTenantBody,
  PLATFORM_TENANT_LIST,
  PlatformTenantResponse,
  toPlatformTenant,
} from './platform-tenants.dto.ts';
import { TenantDeletionService } from './tenant-deletion.service.ts';
import { TenantsService } from './tenants.service.ts';

@ApiTags('platform')
@Controller('platform/tenants')
export class PlatformTenantsController {
  constructor(
    private readonly tenants: TenantsService,
    private readonly deletion: TenantDeletionService,
  ) {}

  @Does('List the tenants')
  @Get()
  @ForOperators()
  @ApiList(PLATFORM_TENANT_LIST)
  @AnswersPage(PlatformTenantResponse)
  async list(@List(PLATFORM_TENANT_LIST) query: ListQuery): Promise<Page<PlatformTenantResponse>> {
    return (await this.tenants.page(query)).map(toPlatformTenant);
  }

  @Does('Read a tenant')
  @Get(':id')
  @ForOperators()
  @Answers(200, PlatformTenantResponse)
  async get(@IdParam() id: string): Promise<PlatformTenantResponse> {
    return toPlatformTenant(await this.tenants.get(id));
  }

  @Does('Suspend a tenant', 'From then on its requests answer 403, within a second.')
  @Put(':id/suspension')
  @ForOperators('tenant.suspend')
  @Answers(200, PlatformTenantResponse)
  async suspend(@IdParam() id: string): Promise<PlatformTenantResponse> {
    return toPlatformTenant(await this.tenants.suspend(await this.#slugOf(id)));
  }

  @Does('Lift the suspension of a tenant')
  @Delete(':id/suspension')
  @ForOperators('tenant.resume')
  @Answers(200, PlatformTenantResponse)
  async resume(@IdParam() id: string): Promise<PlatformTenantResponse> {
    return toPlatformTenant(await this.tenants.resume(await this.#slugOf(id)));
  }

  @Does(
    'Delete a tenant after a period of grace',
    'It is hidden at once. Until the period ends it can be restored; then it is removed for good.',
  )
  @Put(':id/deletion')
  @ForOperators('tenant.delete', ['graceDays'])
  @Answers(200, PlatformTenantResponse)
  async delete(@IdParam() id: string, @Body() body: DeleteTenantBody): Promise<PlatformTenantResponse> {
    return toPlatformTenant(await this.deletion.delete(await this.#slugOf(id), body.graceDays));
  }

  @Does('Restore a deleted tenant', 'It is as it was: one that was suspended is suspended again.')
  @Delete(':id/deletion')
  @ForOperators('tenant.restore')
  @Answers(200, PlatformTenantResponse)
  async restore(@IdParam() id: string): Promise<PlatformTenantResponse> {
    return toPlatformTenant(await this.deletion.restore(await this.#slugOf(id)));
  }

  async #slugOf(id: string): Promise<string> {
    return (await this.tenants.get(id)).slug;
  }
}
