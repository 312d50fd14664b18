import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomBytes } from 'node:crypto';
import type { Repository } from 'typeorm';
import { v7 as newId } from 'uuid';
import { audit } from '../platform/audit/audit.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import { DomainNames } from '../platform/tenancy/domain-names.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { challengeOf, domainProblem } from './domain.rules.ts';
import {
  DomainMissing,
  DomainNotProved,
  DomainNotVerified,
  DomainRefused,
  DomainTaken,
  NamesCannotBeAsked,
  TooManyDomains,
} from './domains.errors.ts';
import { TenantDomain } from './tenant-domain.entity.ts';

const UNIQUE_VIOLATION = '23505';
const MOST = 20;

/** Domains lie in the registry, so that a request is resolved before any tenant is known; every verb is bound to ctx.tenant. */
@Injectable()
export class DomainsService {
  constructor(
    @InjectRepository(TenantDomain) private readonly domains: Repository<TenantDomain>,
    private readonly tenants: TenantsService,
    private readonly names: DomainNames,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  list(ctx: TenantContext): Promise<TenantDomain[]> {
    return this.domains.find({ where: { tenantId: ctx.tenant.id }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** @throws DomainMissing */
  async get(ctx: TenantContext, id: string): Promise<TenantDomain> {
    const domain = await this.domains.findOneBy({ id, tenantId: ctx.tenant.id });
    if (!domain) throw new DomainMissing();
    return domain;
  }

  /** Claims a domain; it leads nowhere until it is verified. @throws DomainRefused, DomainTaken, TooManyDomains */
  async add(ctx: TenantContext, domain: string): Promise<TenantDomain> {
    const problem = domainProblem(domain, this.config.BASE_DOMAIN);
    if (problem) throw new DomainRefused(problem);
    const { id: tenantId } = ctx.tenant;
    const id = newId();
    const token = randomBytes(20).toString('base64url');
    const adding = this.tenants.inTurn(ctx.tenant, async (transaction) => {
      if ((await transaction.countBy(TenantDomain, { tenantId })) >= MOST) throw new TooManyDomains(MOST);
      await transaction.insert(TenantDomain, { id, tenantId, domain, token, verifiedAt: null });
    });
    await guardTaken(domain, adding);
    await this.#record(ctx, 'domain.added', id, domain);
    return this.get(ctx, id);
  }

  /**
   * Looks for the proof in the domain name system. From then on requests to the domain are this organisation's.
   *
   * @throws DomainMissing, DomainNotProved, DomainTaken when another organisation proved it before, NamesCannotBeAsked
   */
  async verify(ctx: TenantContext, id: string): Promise<TenantDomain> {
    const { domain, token, verifiedAt } = await this.get(ctx, id);
    if (!verifiedAt) {
      const { name, value } = challengeOf(domain, token);
      const found = await this.names.resolveTxt(name).catch((error: unknown) => {
        throw new NamesCannotBeAsked(error);
      });
      if (!found.includes(value)) throw new DomainNotProved(name, value, found);
      await guardTaken(domain, this.domains.update({ id, tenantId: ctx.tenant.id }, { verifiedAt: new Date() }));
      await this.tenants.forget(ctx.tenant);
      await this.#record(ctx, 'domain.verified', id, domain);
    }
    return this.get(ctx, id);
  }

  /** Makes it the domain that links use, in place of the one before. @throws DomainMissing, DomainNotVerified */
  async makePrimary(ctx: TenantContext, id: string): Promise<TenantDomain> {
    const { id: tenantId } = ctx.tenant;
    await this.tenants.inTurn(ctx.tenant, async (transaction) => {
      const domain = await transaction.findOneBy(TenantDomain, { tenantId, id });
      if (!domain) throw new DomainMissing();
      if (!domain.verifiedAt) throw new DomainNotVerified();
      await transaction.update(TenantDomain, { tenantId, isPrimary: true }, { isPrimary: false });
      await transaction.update(TenantDomain, { tenantId, id }, { isPrimary: true });
    });
    const made = await this.get(ctx, id);
    await this.#record(ctx, 'domain.made_primary', id, made.domain);
    return made;
  }

  /** From now on it leads nowhere. @throws DomainMissing */
  async remove(ctx: TenantContext, id: string): Promise<void> {
    const { domain } = await this.get(ctx, id);
    const mine = { id, tenantId: ctx.tenant.id };
    const { affected } = await this.domains.update(mine, { isPrimary: false, verifiedAt: null });
    if (!affected) throw new DomainMissing();
    // Before it is gone: what is forgotten is looked up by the tenant.
    await this.tenants.forget(ctx.tenant);
    await this.domains.delete(mine);
    await this.#record(ctx, 'domain.removed', id, domain);
  }

  #record(ctx: TenantContext, action: string, id: string, domain: string): Promise<void> {
    return audit(ctx, { action, target: { type: 'domain', id }, details: { domain } });
  }
}

async function guardTaken(domain: string, write: Promise<unknown>): Promise<void> {
  await write.catch((error: unknown) => {
    if (sqlState(error) === UNIQUE_VIOLATION) throw new DomainTaken(domain);
    throw error;
  });
}
