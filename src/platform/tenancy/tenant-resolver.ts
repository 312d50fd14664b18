import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { TenantNotFound, TenantSuspended, TenantUnavailable } from './tenancy.errors.ts';
import { TenantDirectory, type Tenant } from './tenant.types.ts';

/** What a request says about its tenant, before anything was looked up. */
export interface TenantHints {
  /** X-Tenant-Domain: a slug, or a full domain. */
  header?: string;
  /** Host, without port. */
  host: string;
  /** ?tenant=, on GET only. */
  query?: string;
}

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Which tenant is this request for? Header before host before query; the first that is given decides alone. */
@Injectable()
export class TenantResolver {
  constructor(
    private readonly directory: TenantDirectory,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * @returns null when the request names none
   * @throws TenantNotFound
   */
  async resolve(hints: TenantHints): Promise<Tenant | null> {
    const named = this.nameFrom(hints);
    if (named === null) return null;
    const tenant = SLUG.test(named) ? await this.directory.findBySlug(named) : null;
    if (!tenant || tenant.status === 'deleted') throw new TenantNotFound();
    return tenant;
  }

  /** The slug that the hints name; `''` when they name something that cannot be one; null when they name nothing. */
  nameFrom({ header, host, query }: TenantHints): string | null {
    if (header !== undefined) return this.#slugOf(header.trim().toLowerCase());
    const subdomain = this.#subdomainOf(host.toLowerCase());
    if (subdomain !== null && !this.directory.isReserved(subdomain)) return subdomain;
    return query === undefined ? null : this.#slugOf(query.trim().toLowerCase());
  }

  #slugOf(text: string): string {
    return this.#subdomainOf(text) ?? (text.includes('.') ? '' : text);
  }

  #subdomainOf(domain: string): string | null {
    const suffix = `.${this.config.BASE_DOMAIN}`;
    return domain.endsWith(suffix) ? domain.slice(0, -suffix.length) : null;
  }
}

/**
 * @throws TenantSuspended, TenantUnavailable: being made or moved, or at another schema version than this process serves
 */
export function assertServable(tenant: Tenant, schemaVersion: number): void {
  if (tenant.status === 'suspended') throw new TenantSuspended();
  if (!isServable(tenant, schemaVersion)) throw new TenantUnavailable();
}

/** Whether this process may touch the tenant's data at all. */
export function isServable(tenant: Tenant, schemaVersion: number): boolean {
  return tenant.status === 'active' && tenant.schemaVersion >= schemaVersion;
}
