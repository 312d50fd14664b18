import { Injectable } from '@nestjs/common';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ServiceAccountsService } from '../service-accounts/service-accounts.service.ts';
import type { ApiKey } from './api-key.entity.ts';
import { ApiKeysService, type IssuedApiKey, type KeyRotation, type NewApiKey } from './api-keys.service.ts';

/** The keys of service accounts, kept by people for them. All verbs @throw ServiceAccountMissing. */
@Injectable()
export class ServiceAccountKeys {
  constructor(
    private readonly accounts: ServiceAccountsService,
    private readonly keys: ApiKeysService,
  ) {}

  async list(ctx: TenantContext, accountId: string): Promise<ApiKey[]> {
    await this.accounts.get(ctx, accountId);
    return this.keys.list(ctx, accountId);
  }

  /** @throws ApiKeyMissing */
  async get(ctx: TenantContext, accountId: string, id: string): Promise<ApiKey> {
    await this.accounts.get(ctx, accountId);
    return this.keys.get(ctx, accountId, id);
  }

  /** @throws UserOutOfReach, and as for a key of one's own */
  async create(ctx: TenantContext, accountId: string, wanted: NewApiKey): Promise<IssuedApiKey> {
    await this.accounts.demandReach(ctx, accountId);
    return this.keys.create(ctx, accountId, wanted);
  }

  /** @throws ApiKeyMissing, UserOutOfReach, ExpiryRefused */
  async rotate(ctx: TenantContext, accountId: string, id: string, rotation: KeyRotation): Promise<IssuedApiKey> {
    await this.accounts.demandReach(ctx, accountId);
    return this.keys.rotate(ctx, accountId, id, rotation);
  }

  /** @throws ApiKeyMissing */
  async revoke(ctx: TenantContext, accountId: string, id: string): Promise<void> {
    await this.accounts.get(ctx, accountId);
    return this.keys.revoke(ctx, accountId, id);
  }
}
