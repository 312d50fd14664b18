import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { AnswersPage, Does } from '../platform/http/openapi.ts';
import { PermissionResponse, permissionResponses } from './permissions.dto.ts';

@ApiTags('roles')
@Controller('permissions')
export class PermissionsController {
  @Does('List everything that a role can hold', 'On one page.')
  @Get()
  @Requires('role.read')
  @AnswersPage(PermissionResponse)
  list(): Page<PermissionResponse> {
    return Page.whole(permissionResponses());
  }
}
