import { Controller, Get, Header, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { JWK } from 'jose';
import { Public } from '../platform/access/access.decorators.ts';
import { SigningKeysService } from './signing-keys.service.ts';

/** For services that check our access tokens themselves (RFC 7517). */
@ApiTags('auth')
@Controller({ path: '.well-known', version: VERSION_NEUTRAL })
export class SigningKeysController {
  constructor(private readonly keys: SigningKeysService) {}

  @Get('jwks.json')
  @Public({ tenant: false })
  @Header('cache-control', 'public, max-age=300')
  get(): { keys: JWK[] } {
    return this.keys.jwks;
  }
}
