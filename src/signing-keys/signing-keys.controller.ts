import { Controller, Get, Header, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { JWK } from 'jose';
import { Public } from '../platform/access/access.decorators.ts';
import { Does } from '../platform/http/openapi.ts';
import { SigningKeysService } from './signing-keys.service.ts';

/** For services that check our access tokens themselves (RFC 7517). */
@ApiTags('auth')
@Controller({ path: '.well-known', version: VERSION_NEUTRAL })
export class SigningKeysController {
  constructor(private readonly keys: SigningKeysService) {}

  @Does('Get the public keys of access tokens', 'A JSON Web Key Set (RFC 7517), with which other services verify them.')
  @Get('jwks.json')
  @Public({ tenant: false })
  @Header('cache-control', 'public, max-age=300')
  get(): { keys: JWK[] } {
    return this.keys.jwks;
  }
}
