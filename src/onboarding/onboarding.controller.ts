import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../platform/access/access.decorators.ts';
import { LocatedAt } from '../platform/http/envelope.interceptor.ts';
import { Answers, Does } from '../platform/http/openapi.ts';
import type { Caller } from '../platform/access/caller.ts';
import { From } from '../platform/http/request.ts';
import { SignUpBody, SignUpResponse, toSignUpResponse } from './onboarding.dto.ts';
import { OnboardingService } from './onboarding.service.ts';

@ApiTags('tenants')
@Controller('tenants')
export class OnboardingController {
  constructor(private readonly onboarding: OnboardingService) {}

  @Does('Sign up an organisation with its first owner', 'The owner is signed in.')
  @Post()
  @LocatedAt('/api/v1/tenants/current')
  @Public({ tenant: false })
  @Answers(201, SignUpResponse)
  async signUp(@Body() body: SignUpBody, @From() caller: Caller): Promise<SignUpResponse> {
    return toSignUpResponse(await this.onboarding.signUp(body, caller));
  }
}
