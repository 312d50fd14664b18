import { ApiProperty } from '@nestjs/swagger';
import { Json, Secret, Text } from '../platform/http/fields.ts';
import { ChallengeResponse, toChallengeResponse } from '../second-factors/second-factors.dto.ts';
import type { Factor } from '../second-factors/second-factors.types.ts';
import { UserResponse, toUserResponse } from '../users/users.dto.ts';
import type { SecondStep, SignedIn } from './auth.types.ts';

const ANSWER_BYTES = 20_000;

export class LoginBody {
  @Text({ max: 255 })
  email: string;
  @Secret({ max: 128 })
  password: string;
}

export class RefreshBody {
  @Secret({ max: 200 })
  refreshToken: string;
}

export class RevokeBody {
  @Secret({ max: 200, description: 'A refresh token' })
  token: string;
}

export class ReauthenticateBody {
  @Secret({ max: 128 })
  password: string;
  @Text({ max: 50, optional: true, description: 'Of the authenticator app, for those who have one' })
  code?: string;
}

export class SecondStepBody {
  @Secret({ max: 200, description: 'From the first step' })
  mfaToken: string;
}

export class CodeStepBody extends SecondStepBody {
  @Text({ max: 50 })
  code: string;
}

export class PasskeyStepBody extends SecondStepBody {
  @Secret({ max: 200 })
  challengeToken: string;
  @Json({ maxBytes: ANSWER_BYTES, description: 'AuthenticationResponseJSON of WebAuthn' })
  response: object;
}

export class PasskeyLoginBody {
  @Secret({ max: 200 })
  challengeToken: string;
  @Json({ maxBytes: ANSWER_BYTES, description: 'AuthenticationResponseJSON of WebAuthn' })
  response: object;
}

export class SignedInResponse {
  @ApiProperty({ type: UserResponse })
  user: UserResponse;
  @ApiProperty({ description: 'JWT, sent as Authorization: Bearer' })
  accessToken: string;
  @ApiProperty({ description: 'Opaque, single use: every refresh gives the next one' })
  refreshToken: string;
  @ApiProperty({ description: 'Life of the access token in seconds', example: 600 })
  expiresIn: number;
}

/** Tokens, or the way to the second step. */
export class LoginResponse {
  @ApiProperty({ type: UserResponse, required: false })
  user?: UserResponse;
  @ApiProperty({ required: false, description: 'JWT, sent as Authorization: Bearer' })
  accessToken?: string;
  @ApiProperty({ required: false, description: 'Opaque, single use: every refresh gives the next one' })
  refreshToken?: string;
  @ApiProperty({ required: false, description: 'Life of the access token in seconds', example: 600 })
  expiresIn?: number;
  @ApiProperty({
    required: false,
    enum: [true],
    description: 'A second factor has to be shown; there are no tokens yet',
  })
  mfaRequired?: true;
  @ApiProperty({ required: false, description: 'For the second step, five minutes long' })
  mfaToken?: string;
  @ApiProperty({ required: false, enum: ['totp', 'passkey', 'recovery_code'], isArray: true })
  factors?: Factor[];
}

export function toSignedInResponse({ user, accessToken, refreshToken, expiresIn }: SignedIn): SignedInResponse {
  return { user: toUserResponse(user), accessToken, refreshToken, expiresIn };
}

export function toLoginResponse(outcome: SignedIn | SecondStep): LoginResponse {
  if (!('mfaToken' in outcome)) return toSignedInResponse(outcome);
  return { mfaRequired: true, mfaToken: outcome.mfaToken, factors: outcome.factors };
}

export class SignInChallengeResponse extends ChallengeResponse {}

export const toSignInChallengeResponse: typeof toChallengeResponse = toChallengeResponse;
