import { Injectable } from '@nestjs/common';
import { audit } from '../platform/audit/audit.ts';
import type { SearchLanguage } from '../platform/database/text-search.ts';
import { demandVersion } from '../platform/errors/app-error.ts';
import type { JobRun } from '../platform/jobs/job.ts';
import { Jobs } from '../platform/jobs/jobs.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantDirectory } from '../platform/tenancy/tenant.types.ts';
import { lockSetting, readSetting, writeSetting, type Versioned } from '../platform/tenant-settings/tenant-settings.ts';
import { SearchLanguageChanged } from './search.events.ts';
import { countStale, rebuildSome } from './search.queries.ts';
import { REBUILD_SEARCH, SEARCH_SETTING, type SearchSettings } from './search.types.ts';

/** Entries that are rebuilt in one transaction: those who write one of their records wait for it. */
const BATCH = 50;
/** Longer than any transaction that writes: it may have begun before the change, and ends with the words of before. */
const LATE_WRITERS_SECONDS = 120;

@Injectable()
export class SearchSettingsService {
  constructor(
    private readonly jobs: Jobs,
    private readonly directory: TenantDirectory,
    private readonly contexts: TenantContexts,
  ) {}

  async get(ctx: TenantContext): Promise<{ settings: Versioned<SearchSettings>; stale: number }> {
    const settings = await readSetting<SearchSettings>(ctx, SEARCH_SETTING);
    return { settings, stale: await countStale(ctx) };
  }

  /** From now on words are reduced in this language; those that are there already, one after the other. @throws StaleVersion */
  async change(
    ctx: TenantContext,
    language: SearchLanguage,
    expectedVersion?: number,
  ): Promise<{ settings: Versioned<SearchSettings>; stale: number }> {
    return ctx.transaction(async (tx) => {
      const before = await lockSetting<SearchSettings>(tx, SEARCH_SETTING);
      demandVersion(before, expectedVersion);
      if (language !== before.language) {
        await writeSetting(tx, SEARCH_SETTING, { language } satisfies SearchSettings);
        await audit(tx, {
          action: 'search.language_changed',
          before: { language: before.language },
          after: { language },
        });
        tx.announce(new SearchLanguageChanged(language));
      }
      const now = await this.get(tx);
      // Said again, it finishes what was left over.
      if (language === before.language && now.stale > 0) tx.announce(new SearchLanguageChanged(language));
      return now;
    });
  }

  /**
   * Twice, because whoever was writing during the change leaves words behind. By language, so that one that is set while
   * another is being finished is not forgotten.
   */
  async order(ctx: TenantContext, language: string): Promise<void> {
    const tenantId = ctx.tenant.id;
    await this.jobs.send(REBUILD_SEARCH, { tenantId }, { tenantId, singletonKey: language });
    const later = { tenantId, singletonKey: `${language} again`, afterSeconds: LATE_WRITERS_SECONDS };
    await this.jobs.send(REBUILD_SEARCH, { tenantId }, later);
  }

  async rebuild({ tenantId }: { tenantId: string }, job: JobRun): Promise<void> {
    const tenant = await this.directory.findById(tenantId);
    if (!tenant) return;
    const admitted = await this.contexts.admit(tenant);
    const ctx = await this.contexts.open(admitted);
    const total = await countStale(ctx);
    let done = 0;
    for (;;) {
      job.signal.throwIfAborted();
      const rebuilt = await ctx.transaction((tx) => rebuildSome(tx, BATCH));
      if (rebuilt === 0) break;
      job.progress((done += rebuilt), Math.max(done, total));
    }
    const left = await countStale(ctx);
    if (left > 0) throw new Error(`${left} entries are being written, and are rebuilt in the next attempt`);
  }
}
