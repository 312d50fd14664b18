import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { SearchLanguageChanged } from './search.events.ts';
import { SearchSettingsService } from './search-settings.service.ts';

@Injectable()
export class SearchListeners {
  constructor(private readonly settings: SearchSettingsService) {}

  @Hears(SearchLanguageChanged)
  async order(ctx: TenantContext, { language }: SearchLanguageChanged): Promise<void> {
    await this.settings.order(ctx, language);
  }
}
