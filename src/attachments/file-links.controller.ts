import { Controller, Get, Query } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { Public } from '../platform/access/access.decorators.ts';
import type { Caller } from '../platform/access/caller.ts';
import type { FileAnswer } from '../platform/http/file-answer.ts';
import { AnswersFile, Does } from '../platform/http/openapi.ts';
import { TakesQuery, refuseOtherQuery } from '../platform/http/query.guard.ts';
import { From } from '../platform/http/request.ts';
import { toFile } from './attachments.dto.ts';
import { FileLinksService } from './file-links.service.ts';

@ApiTags('attachments')
@Controller('files')
export class FileLinksController {
  constructor(private readonly links: FileLinksService) {}

  @Does('Download the file that a link leads to', 'The token stands in the query, which no log of ours holds.')
  @Get()
  @Public({ tenant: false })
  @TakesQuery()
  @ApiQuery({ name: 'token', schema: { type: 'string' }, description: 'As the link has it' })
  @AnswersFile('application/octet-stream')
  async download(@From() caller: Caller, @Query() query: Record<string, unknown>): Promise<FileAnswer> {
    refuseOtherQuery(query, ['token']);
    return toFile(await this.links.open(typeof query['token'] === 'string' ? query['token'] : '', caller));
  }
}
