import { ApiProperty } from '@nestjs/swagger';
import { Choice, Flag, Line, Pattern, Secret, Text, Texts } from '../platform/http/fields.ts';
import type { SignInProvider } from './sign-in-provider.entity.ts';
import { PROVIDER_KINDS, type ProviderKind } from './sign-in-providers.types.ts';

const KEY = /^(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*$/;
const KEY_RULE = 'A key has at most 40 of a to z, 0 to 9 and inner hyphens.';
const SCOPES = { max: 20, length: 100, optional: true, description: 'Besides those that are always asked for' };
const DOMAINS = {
  max: 50,
  length: 253,
  optional: true,
  description: 'Whose addresses end with one of these may come in; everybody when empty',
};
const CREATE = { optional: true, description: 'Whether somebody without an account gets one; false when not given' };
const ROLE = { max: 50, optional: true, description: 'Key of the role that newcomers get; member when not given' };
const ENFORCED = { optional: true, description: 'true: only owners may go on signing in by password' };
const SECRET = { max: 500, optional: true, nullable: true, description: 'Cannot be read again' };

export class CreateSignInProviderBody {
  @Pattern(KEY, KEY_RULE, { min: 1, max: 40, description: 'Its name in addresses' })
  key: string;
  @Line({ max: 100, description: 'What the button says' })
  name: string;
  @Choice(PROVIDER_KINDS)
  kind: ProviderKind;
  @Text({ max: 500, optional: true, description: 'With oidc the issuer; with github the address of one of your own' })
  issuer?: string;
  @Text({ max: 253, optional: true, description: 'With microsoft the id of the directory (tenant)' })
  directory?: string;
  @Text({ max: 255 })
  clientId: string;
  @Secret(SECRET)
  clientSecret?: string | null;
  @Texts(SCOPES)
  scopes?: string[];
  @Texts(DOMAINS)
  domains?: string[];
  @Flag(CREATE)
  createUsers?: boolean;
  @Text(ROLE)
  role?: string;
  @Flag(ENFORCED)
  enforced?: boolean;
  @Flag({ optional: true, description: 'true when not given' })
  enabled?: boolean;
}

export class UpdateSignInProviderBody {
  @Line({ max: 100, optional: true })
  name?: string;
  @Text({ max: 255, optional: true })
  clientId?: string;
  @Secret(SECRET)
  clientSecret?: string | null;
  @Texts(SCOPES)
  scopes?: string[];
  @Texts(DOMAINS)
  domains?: string[];
  @Flag(CREATE)
  createUsers?: boolean;
  @Text(ROLE)
  role?: string;
  @Flag(ENFORCED)
  enforced?: boolean;
  @Flag({ optional: true })
  enabled?: boolean;
}

export class SignInProviderResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'company' })
  key: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ enum: PROVIDER_KINDS })
  kind: string;
  @ApiProperty({ type: String, nullable: true })
  issuer: string | null;
  @ApiProperty({ type: String, nullable: true })
  directory: string | null;
  @ApiProperty()
  clientId: string;
  @ApiProperty({ description: 'Whether there is a client secret; it cannot be read' })
  hasClientSecret: boolean;
  @ApiProperty({ description: 'What to register at the provider, behind the address of this API' })
  callbackPath: string;
  @ApiProperty({ type: [String] })
  scopes: string[];
  @ApiProperty({ type: [String] })
  domains: string[];
  @ApiProperty()
  createUsers: boolean;
  @ApiProperty()
  role: string;
  @ApiProperty()
  enforced: boolean;
  @ApiProperty()
  enabled: boolean;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export function toSignInProviderResponse(provider: SignInProvider): SignInProviderResponse {
  const { id, key, name, kind, issuer, directory, clientId, clientSecret, createdAt, updatedAt, version } = provider;
  const { scopes, domains, createUsers, role, enforced, enabled } = provider;
  return {
    id,
    key,
    name,
    kind,
    issuer,
    directory,
    clientId,
    hasClientSecret: clientSecret !== null,
    callbackPath: `/api/v1/auth/oauth/${key}/callback`,
    scopes,
    domains,
    createUsers,
    role,
    enforced,
    enabled,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    version,
  };
}
