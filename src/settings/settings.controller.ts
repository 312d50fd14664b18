import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { Answers, AnswersPage } from '../platform/http/openapi.ts';
import { SettingBody, SettingResponse, toSettingResponse } from './settings.dto.ts';
import { SystemSettingsService } from './settings.service.ts';

@ApiTags('platform')
@ApiBearerAuth()
@Controller('platform/settings')
export class SettingsController {
  constructor(private readonly settings: SystemSettingsService) {}

  @Get()
  @ForOperators()
  @AnswersPage(SettingResponse)
  async list(): Promise<Page<SettingResponse>> {
    return Page.whole(await this.settings.list()).map(toSettingResponse);
  }

  /** Known to every instance at once. */
  @Put(':key')
  @ForOperators('setting.change', ['value'])
  @Answers(200, SettingResponse)
  async change(@Param('key') key: string, @Body() body: SettingBody): Promise<SettingResponse> {
    return toSettingResponse(await this.settings.set(key, String(body.value)));
  }
}
