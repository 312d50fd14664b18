import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../platform/access/access.decorators.ts';
import { Page } from '../platform/database/page.ts';
import { Answers, AnswersPage, Does } from '../platform/http/openapi.ts';
import { SettingBody, SettingResponse, toSettingResponse } from './settings.dto.ts';
import { SystemSettingsService } from './settings.service.ts';

@ApiTags('platform')
@Controller('platform/settings')
export class SettingsController {
  constructor(private readonly settings: SystemSettingsService) {}

  @Does('List the settings of the installation')
  @Get()
  @ForOperators()
  @AnswersPage(SettingResponse)
  async list(): Promise<Page<SettingResponse>> {
    return Page.whole(await this.settings.list()).map(toSettingResponse);
  }

  @Does('Change a setting of the installation', 'Every instance knows it at once.')
  @Put(':key')
  @ForOperators('setting.change', ['value'])
  @Answers(200, SettingResponse)
  async change(@Param('key') key: string, @Body() body: SettingBody): Promise<SettingResponse> {
    return toSettingResponse(await this.settings.set(key, String(body.value)));
  }
}
