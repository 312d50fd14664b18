import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../platform/access/access.decorators.ts';
import { LocatedAt } from '../platform/http/envelope.interceptor.ts';
import { Answers, AnswersNothing, Does } from '../platform/http/openapi.ts';
import type { Caller } from '../platform/access/caller.ts';
import { From } from '../platform/http/request.ts';
import { ProofBody, SignUpBody, SignUpResponse, toSignUpResponse } from './onboarding.dto.ts';
import { SignUpService } from './sign-up.service.ts';
import { SignUpProofs } from './sign-up-proofs.service.ts';

@ApiTags('tenants')
@Controller('tenants')
export class OnboardingController {
  constructor(
    private readonly signUps: SignUpService,
    private readonly proofs: SignUpProofs,
  ) {}

  @Does(
    'Ask for a mail that proves an address before signing up',
    'Its token is the proof of the sign-up, within an hour and once. The answer is the same for every address.',
  )
  @Post('proofs')
  @Public({ tenant: false })
  @AnswersNothing()
  async prove(@Body() body: ProofBody, @From() caller: Caller): Promise<void> {
    await this.proofs.request(body.email, caller);
  }

  @Does('Sign up an organisation with its first owner', 'The owner is signed in.')
  @Post()
  @LocatedAt('/api/v1/tenants/current')
  @Public({ tenant: false })
  @Answers(201, SignUpResponse)
  async signUp(@Body() body: SignUpBody, @From() caller: Caller): Promise<SignUpResponse> {
    return toSignUpResponse(await this.signUps.signUp(body, caller));
  }
}
