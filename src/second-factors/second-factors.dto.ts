import { ApiProperty } from '@nestjs/swagger';
import { renderSVG } from 'uqr';
import type { Enrolment } from '../platform/crypto/one-time-codes.ts';
import { Choice, Json, Line, Secret, Text } from '../platform/http/fields.ts';
import type { Challenge } from './passkeys.service.ts';
import type { FactorsRow } from './second-factors.queries.ts';
import type { Versioned } from '../platform/tenant-settings/tenant-settings.ts';
import {
  SECOND_FACTOR_POLICIES,
  type Passkey,
  type SecondFactorPolicy,
  type SecurityPolicy,
} from './second-factors.types.ts';

const ANSWER_BYTES = 20_000;

export class CodeBody {
  @Text({ max: 50, description: 'What the authenticator app shows' })
  code: string;
}

export class PasskeyBody {
  @Secret({ max: 200 })
  challengeToken: string;
  @Line({ max: 100, description: 'How you tell it from others: "my phone"' })
  name: string;
  @Json({ maxBytes: ANSWER_BYTES, description: 'RegistrationResponseJSON of WebAuthn' })
  response: object;
}

export class RenamePasskeyBody {
  @Line({ max: 100 })
  name: string;
}

export class SecurityPolicyBody {
  @Choice(SECOND_FACTOR_POLICIES, { optional: true, description: 'Of whom a second factor is demanded' })
  secondFactor?: SecondFactorPolicy;
}

export class SecondFactorsResponse {
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Since when there is an authenticator app',
  })
  totpSince: string | null;
  @ApiProperty()
  passkeys: number;
  @ApiProperty({ description: 'Recovery codes that are left' })
  recoveryCodes: number;
}

export class TotpEnrolmentResponse {
  @ApiProperty({ description: 'To be typed where no camera is' })
  secret: string;
  @ApiProperty({ example: 'otpauth://totp/...' })
  uri: string;
  @ApiProperty({ description: 'The same as a QR code, SVG' })
  qr: string;
}

export class RecoveryCodesResponse {
  @ApiProperty({ type: [String], description: 'Shown once; each is good once. Empty when they were given before' })
  recoveryCodes: string[];
}

export class ChallengeResponse {
  @ApiProperty({ description: 'Comes back with the answer of the browser' })
  challengeToken: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'For navigator.credentials, in the JSON of WebAuthn',
  })
  options: object;
}

export class PasskeyResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastUsedAt: string | null;
}

export class NewPasskeyResponse extends PasskeyResponse {
  @ApiProperty({ type: [String], description: 'Shown once, with the first second factor' })
  recoveryCodes: string[];
}

export class SecurityPolicyResponse {
  @ApiProperty({ enum: SECOND_FACTOR_POLICIES })
  secondFactor: SecondFactorPolicy;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export function toSecondFactorsResponse({ totpSince, passkeys, recoveryCodes }: FactorsRow): SecondFactorsResponse {
  return { totpSince: totpSince?.toISOString() ?? null, passkeys, recoveryCodes };
}

export function toTotpEnrolmentResponse({ secret, uri }: Enrolment): TotpEnrolmentResponse {
  return { secret, uri, qr: renderSVG(uri) };
}

export function toChallengeResponse({ challengeToken, options }: Challenge): ChallengeResponse {
  return { challengeToken, options };
}

export function toPasskeyResponse({ id, name, createdAt, lastUsedAt }: Passkey): PasskeyResponse {
  return { id, name, createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
}

export function toSecurityPolicyResponse({
  secondFactor,
  updatedAt,
  version,
}: Versioned<SecurityPolicy>): SecurityPolicyResponse {
  return { secondFactor, updatedAt: updatedAt.toISOString(), version };
}
