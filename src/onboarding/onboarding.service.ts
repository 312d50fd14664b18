import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { ClustersService } from '../clusters/clusters.service.ts';
import { databaseProblem } from '../platform/database/database-problem.ts';
import { ReadyPool } from '../platform/database/ready-pool.ts';
import type { Caller } from '../platform/access/caller.ts';
import { AppError } from '../platform/errors/app-error.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { SystemSettingsService } from '../settings/settings.service.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { UsersService, type NewUser } from '../users/users.service.ts';

type Wish = Parameters<ClustersService['place']>[0];

export interface NewOrganisation {
  name: string;
  slug: string;
  admin: Omit<NewUser, 'roles'>;
  /** What sign-ups get when not given, see the settings of the installation. */
  plan?: string;
  region?: string;
  /** A database by name, for organisations that have one of their own; chosen by plan, region and load when not given. */
  cluster?: string;
  /** It signs up by itself and its owner's address is not proved: it goes when that stays so. */
  unproved?: boolean;
}

/** Clusters that a sign-up is placed on, one after the other, while each falls away under it. */
const PLACES_TRIED = 3;

/** Makes organisations: needs the registry and people, so it stands above them. */
@Injectable()
export class OnboardingService {
  constructor(
    private readonly tenants: TenantsService,
    private readonly users: UsersService,
    private readonly contexts: TenantContexts,
    private readonly readyPool: ReadyPool,
    private readonly settings: SystemSettingsService,
    private readonly clusters: ClustersService,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Makes an organisation with its first owner. It is served only when it is complete; if anything fails on the way, it
   * leaves nothing behind and the slug is free again.
   *
   * @param beforehand what else has to be so, asked before anything is made and after everything that may be wrong with it
   * @param atLast what is used up by it, once all is made and before it is served; when it throws, nothing is left behind
   * @throws SlugNotAllowed, SlugTaken, PlanMissing, ClusterNotFound, NoClusterForTenant
   */
  async create(
    { name, slug, admin, plan, region, cluster, unproved }: NewOrganisation,
    caller?: Caller,
    { beforehand, atLast }: { beforehand?: () => Promise<void>; atLast?: () => Promise<void> } = {},
  ): Promise<{ tenant: Tenant; ownerId: string }> {
    // First of all: a password that is too weak leaves nothing to be cleared away.
    const passwordHash = await this.users.hashPassword({ slug, name }, admin, '/admin/password');
    const wished = await this.#wish({ plan, region, cluster });
    await beforehand?.();
    for (let attempt = 1; ; attempt += 1) {
      const place = cluster ?? (await this.clusters.place(wished));
      let reserved: Tenant | null = null;
      try {
        reserved = await this.tenants.reserve({ slug, name, plan: wished.plan, cluster: place, unproved });
        const ctx = await this.contexts.open(reserved, undefined, caller);
        const owner = await this.users.create(ctx, { ...admin, passwordHash, roles: ['owner'] });
        await atLast?.();
        return { tenant: await this.tenants.activate(reserved), ownerId: owner.id };
      } catch (error) {
        const isAway = isOfItsDatabase(error) && !(await this.clusters.answers(place));
        if (reserved) await this.#abandon(reserved, isAway);
        // It fell away just now: from here on nobody is placed there, and this one is placed anew.
        if (!isAway || cluster !== undefined || attempt === PLACES_TRIED) throw error;
      } finally {
        this.readyPool
          .fill()
          .catch((error: unknown) => this.log.warn({ err: error }, 'the ready pool could not be filled'));
      }
    }
  }

  async #abandon(reserved: Tenant, isAway: boolean): Promise<void> {
    await this.tenants.abandon(reserved, { later: isAway }).catch((failure: unknown) => {
      // Found again by the job that removes abandoned sign-ups.
      this.log.warn({ err: failure, slug: reserved.slug }, 'a failed sign-up could not be cleared away yet');
    });
  }

  /** @throws PlanMissing, ClusterNotFound, ClusterRefused */
  async #wish(wish: Pick<NewOrganisation, 'plan' | 'region' | 'cluster'>): Promise<Wish> {
    if (wish.plan !== undefined) await this.tenants.demandPlan(wish.plan);
    const plan = wish.plan ?? (await this.settings.get('sign-up.plan'));
    const region = wish.region ?? ((await this.settings.get('sign-up.region')) || null);
    if (wish.cluster !== undefined) await this.clusters.demandRoom(wish.cluster);
    return { plan, region };
  }
}

function isOfItsDatabase(error: unknown): boolean {
  const known = error instanceof AppError ? error : databaseProblem(error);
  return known?.kind === 'unavailable';
}
