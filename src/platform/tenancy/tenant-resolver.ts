import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { DOMAIN_PATTERN } from './domain-names.ts';
import { TenantNotFound, TenantRenamed } from './tenancy.errors.ts';
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

/** What the request calls its tenant. */
type Name = { slug: string } | { domain: string };

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
   * @throws TenantNotFound, TenantRenamed
   */
  async resolve({ header, host, query }: TenantHints): Promise<Tenant | null> {
    if (header !== undefined) return this.#demand(this.#named(header.trim().toLowerCase()));
    const byHost = await this.#byHost(host.toLowerCase());
    if (byHost) return byHost;
    return query === undefined ? null : this.#demand(this.#named(query.trim().toLowerCase()));
  }

  /** A subdomain of ours must be somebody's; another domain may just be where the API itself is reached. */
  async #byHost(host: string): Promise<Tenant | null> {
    const slug = this.#subdomainOf(host);
    if (slug !== null) return this.directory.isReserved(slug) ? null : this.#demand({ slug });
    if (host === this.config.BASE_DOMAIN || !DOMAIN_PATTERN.test(host)) return null;
    const tenant = await this.directory.findByDomain(host);
    return tenant && tenant.status !== 'deleted' ? tenant : null;
  }

  async #demand(name: Name): Promise<Tenant> {
    const tenant = await this.#find(name);
    if (tenant && tenant.status !== 'deleted') return tenant;
    const renamed =
      !tenant && 'slug' in name && SLUG.test(name.slug) && (await this.directory.findByFormerSlug(name.slug));
    if (renamed && renamed.status !== 'deleted') throw new TenantRenamed(renamed.slug);
    throw new TenantNotFound();
  }

  async #find(name: Name): Promise<Tenant | null> {
    if ('slug' in name) return SLUG.test(name.slug) ? this.directory.findBySlug(name.slug) : null;
    return DOMAIN_PATTERN.test(name.domain) ? this.directory.findByDomain(name.domain) : null;
  }

  #named(text: string): Name {
    const slug = this.#subdomainOf(text);
    if (slug !== null) return { slug };
    return text.includes('.') ? { domain: text } : { slug: text };
  }

  #subdomainOf(domain: string): string | null {
    const suffix = `.${this.config.BASE_DOMAIN}`;
    return domain.endsWith(suffix) ? domain.slice(0, -suffix.length) : null;
  }
}
