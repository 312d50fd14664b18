import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Requires } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { AnswersPage } from '../platform/http/openapi.ts';
import { PermissionResponse, permissionResponses } from './permissions.dto.ts';

@ApiTags('roles')
@ApiBearerAuth()
@Controller('permissions')
export class PermissionsController {
  /** Everything that a role can hold, on one page. */
  @Get()
  @Requires('role.read')
  @AnswersPage(PermissionResponse)
  list(): Page<PermissionResponse> {
    return Page.whole(permissionResponses());
  }
}
