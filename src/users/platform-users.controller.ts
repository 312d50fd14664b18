import { Controller, Delete } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import type { Caller } from '../platform/access/caller.ts';
import type { Operator } from '../platform/access/operator.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { AnswersNothing, Does } from '../platform/http/openapi.ts';
import { ActingOperator, From } from '../platform/http/request.ts';
import { OperatedUsers } from './operated-users.service.ts';

@ApiTags('platform')
@Controller('platform/tenants/:id/users')
export class PlatformUsersController {
  constructor(private readonly users: OperatedUsers) {}

  @Does(
    'Let a person of a tenant sign in again',
    "For somebody whose attempts failed too often. It stands in the organisation's audit log too.",
  )
  @Delete(':userId/lockout')
  @ForOperators('user.unlock')
  @AnswersNothing()
  unlock(
    @IdParam() id: string,
    @IdParam('userId') userId: string,
    @ActingOperator() operator: Operator,
    @From() caller: Caller,
  ): Promise<void> {
    return this.users.unlockById(id, userId, operator, caller);
  }
}
