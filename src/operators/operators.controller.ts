import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForOperators, Public } from '../platform/access/access.decorators.ts';
import type { Caller } from '../platform/access/caller.ts';
import type { Operator } from '../platform/access/operator.ts';
import type { Page } from '../platform/database/page.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { ActingOperator, From } from '../platform/http/request.ts';
import { OperatorEvents } from './operator-events.service.ts';
import { OperatorSignIn } from './operator-sign-in.service.ts';
import {
  ConfirmEnrolmentBody,
  EnrolBody,
  EnrolmentResponse,
  OPERATOR_EVENT_LIST,
  OperatorEventResponse,
  OperatorLoginBody,
  OperatorResponse,
  SignedInOperatorResponse,
  toEnrolmentResponse,
  toOperatorEventResponse,
  toOperatorResponse,
  toSignedInOperatorResponse,
} from './operators.dto.ts';
import { OperatorsService } from './operators.service.ts';

@ApiTags('platform')
@Controller('platform')
export class OperatorsController {
  constructor(
    private readonly operators: OperatorsService,
    private readonly signing: OperatorSignIn,
    private readonly events: OperatorEvents,
  ) {}

  @Does(
    'Begin to enrol as an operator',
    'Chooses the password and gives a second factor for the authenticator app; both count once a first code confirms them.',
  )
  @Post('auth/enrol')
  @Public({ tenant: false })
  @Answers(200, EnrolmentResponse)
  async enrol(@Body() body: EnrolBody): Promise<EnrolmentResponse> {
    return toEnrolmentResponse(await this.operators.enrol(body.token, body.password));
  }

  @Does('Finish the enrolment with a first code', 'It signs in, and the enrolment token is used up.')
  @Post('auth/enrol/confirm')
  @Public({ tenant: false })
  @Answers(200, SignedInOperatorResponse)
  async confirm(@Body() body: ConfirmEnrolmentBody, @From() caller: Caller): Promise<SignedInOperatorResponse> {
    return toSignedInOperatorResponse(await this.operators.confirm(body.token, body.code, caller));
  }

  @Does('Sign in as an operator', 'Password and code in one step. The answer is the same whatever is wrong.')
  @Post('auth/login')
  @Public({ tenant: false })
  @Answers(200, SignedInOperatorResponse)
  async login(@Body() body: OperatorLoginBody, @From() caller: Caller): Promise<SignedInOperatorResponse> {
    return toSignedInOperatorResponse(await this.signing.signIn(body, caller));
  }

  @Does('Sign out as an operator', 'The access token stops working within a second.')
  @Post('auth/logout')
  @ForOperators('operator.sign_out')
  @AnswersNothing()
  logout(@ActingOperator() operator: Operator): Promise<void> {
    return this.signing.signOut(operator);
  }

  @Does('Read who is signed in as an operator')
  @Get('auth/me')
  @ForOperators()
  @Answers(200, OperatorResponse)
  me(@ActingOperator() operator: Operator): OperatorResponse {
    return toOperatorResponse(operator);
  }

  @Does('List what operators did', 'Here, and by commands about their accounts.')
  @Get('events')
  @ForOperators()
  @ApiList(OPERATOR_EVENT_LIST)
  @AnswersPage(OperatorEventResponse)
  async list(@List(OPERATOR_EVENT_LIST) query: ListQuery): Promise<Page<OperatorEventResponse>> {
    return (await this.events.list(query)).map(toOperatorEventResponse);
  }
}
