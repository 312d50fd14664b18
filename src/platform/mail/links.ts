import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import type { Tenant } from '../tenancy/tenant.types.ts';

/** Addresses of the browser application, which reads the token and calls the API with it. */
@Injectable()
export class Links {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** @param path of the application, such as `/reset-password`. The token stands behind `#`: it reaches no server's log. */
  to(tenant: Tenant, path: string, token: string): string {
    const root = this.#root().replaceAll('{tenant}', tenant.slug);
    return `${root.replace(/\/$/, '')}${path}?tenant=${tenant.slug}#token=${token}`;
  }

  /** The same for somebody who has no organisation yet. */
  toNewcomer(path: string, token: string): string {
    const root = this.#root().replaceAll('{tenant}.', '').replaceAll('{tenant}', '');
    return `${root.replace(/\/$/, '')}${path}#token=${token}`;
  }

  #root(): string {
    return this.config.APP_URL ?? this.config.ALLOWED_ORIGINS[0] ?? 'http://localhost:3000';
  }
}
