import { Controller, Get, Query } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { SignedIn } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { AnswersPage, Does } from '../platform/http/openapi.ts';
import { TakesQuery, refuseOtherQuery } from '../platform/http/query.guard.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { EffectivePermissionResponse, toEffectivePermissionResponse, toQuestion } from './permissions.dto.ts';
import { PermissionsService } from './permissions.service.ts';

@ApiTags('roles')
@Controller('users/:id/permissions')
export class UserPermissionsController {
  constructor(private readonly permissions: PermissionsService) {}

  @Does(
    'List what a person may do',
    "What their roles add up to; `?explain=true` adds why. Your own, or anybody's with `user.read` and `role.read`.",
  )
  @Get()
  @SignedIn()
  @TakesQuery()
  @ApiQuery({
    name: 'projectId',
    required: false,
    schema: { type: 'string', format: 'uuid' },
    description: 'What the person may do in this project',
  })
  @ApiQuery({
    name: 'explain',
    required: false,
    schema: { type: 'boolean' },
    description: 'true adds the reasons: at most those of 200 roles in projects',
  })
  @AnswersPage(EffectivePermissionResponse)
  async list(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<Page<EffectivePermissionResponse>> {
    refuseOtherQuery(query, ['projectId', 'explain']);
    const question = toQuestion(query);
    const permissions = await this.permissions.list(ctx, id, question.projectId);
    return Page.whole(permissions).map((each) => toEffectivePermissionResponse(each, question));
  }
}
