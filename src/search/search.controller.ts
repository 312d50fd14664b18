import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires, SignedIn } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersPage, Does } from '../platform/http/openapi.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  FoundResponse,
  SEARCH_LIST,
  SearchSettingsBody,
  SearchSettingsResponse,
  toFoundResponse,
  toSearchSettingsResponse,
} from './search.dto.ts';
import { SearchService } from './search.service.ts';
import { SearchSettingsService } from './search-settings.service.ts';

@ApiTags('search')
@Controller('search')
export class SearchController {
  constructor(
    private readonly searches: SearchService,
    private readonly settings: SearchSettingsService,
  ) {}

  @Does(
    'Find tasks, projects and comments by words',
    'What you may see and has the words, the best first; where nothing has them, what has something like them in its title.',
  )
  @Get()
  @SignedIn()
  @ApiList(SEARCH_LIST)
  @AnswersPage(FoundResponse)
  async search(@Ctx() ctx: TenantContext, @List(SEARCH_LIST) query: ListQuery): Promise<Page<FoundResponse>> {
    return (await this.searches.search(ctx, query)).map(toFoundResponse);
  }

  @Does('Read the language that is searched in')
  @Get('settings')
  @Requires('tenant.read')
  @Answers(200, SearchSettingsResponse)
  async getSettings(@Ctx() ctx: TenantContext): Promise<SearchSettingsResponse> {
    return toSearchSettingsResponse(await this.settings.get(ctx));
  }

  @Does(
    'Set the language that is searched in',
    "That of the organisation's texts. What is there already is gone through in the background; `pending` tells how much is left.",
  )
  @Put('settings')
  @Requires('tenant.update')
  @TakesIfMatch()
  @Answers(200, SearchSettingsResponse)
  async putSettings(
    @Ctx() ctx: TenantContext,
    @Body() body: SearchSettingsBody,
    @IfMatch() version?: number,
  ): Promise<SearchSettingsResponse> {
    return toSearchSettingsResponse(await this.settings.change(ctx, body.language, version));
  }
}
