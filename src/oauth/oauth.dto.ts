import { ApiProperty } from '@nestjs/swagger';
import { SignedInResponse, toSignedInResponse } from '../auth/auth.dto.ts';
import { InvalidInput } from '../platform/errors/app-error.ts';
import { Secret } from '../platform/http/fields.ts';
import { refuseOtherQuery } from '../platform/http/query.guard.ts';
import { PROVIDER_KINDS, type ProviderSummary } from '../sign-in-providers/sign-in-providers.types.ts';

/** SHA-256 in base64url. */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

export class ProviderSummaryResponse {
  @ApiProperty({ example: 'company', description: 'For /auth/oauth/{provider}' })
  key: string;
  @ApiProperty({ description: 'What the button says' })
  name: string;
  @ApiProperty({ enum: PROVIDER_KINDS })
  kind: string;
  @ApiProperty({ description: 'Whether it takes the place of passwords' })
  enforced: boolean;
}

export function toProviderSummary({ key, name, kind, enforced }: ProviderSummary): ProviderSummaryResponse {
  return { key, name, kind, enforced };
}

export class ExchangeBody {
  @Secret({ max: 200 })
  code: string;
  @Secret({ max: 128, optional: true, description: 'Of the challenge that the sign-in was begun with' })
  codeVerifier?: string;
}

export class ExchangedResponse extends SignedInResponse {}

export function toExchangedResponse(signedIn: Parameters<typeof toSignedInResponse>[0]): ExchangedResponse {
  return toSignedInResponse(signedIn);
}

/** @throws InvalidInput */
export function toDeparture(query: Record<string, unknown>): { returnTo?: string; codeChallenge?: string } {
  refuseOtherQuery(query, ['returnTo', 'codeChallenge']);
  const { returnTo, codeChallenge } = query;
  const wrong = (code: string, name: string, message: string) =>
    new InvalidInput([{ pointer: `?${name}`, code, message }], 'invalid_query');
  if (returnTo !== undefined && typeof returnTo !== 'string')
    throw wrong('repeated', 'returnTo', 'returnTo may be given once.');
  if (codeChallenge !== undefined && !(typeof codeChallenge === 'string' && CHALLENGE.test(codeChallenge)))
    throw wrong('pattern', 'codeChallenge', 'codeChallenge must be the SHA-256 of a verifier in base64url.');
  return { returnTo, codeChallenge };
}
