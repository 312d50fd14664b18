import { Controller, Delete, Get, Put, Query } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { Requires, SignedIn } from '../platform/access/access.decorators.ts';
import type { IncomingFile } from '../platform/files/incoming-file.ts';
import { FileAnswer } from '../platform/http/file-answer.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Answers, AnswersFile, AnswersNothing, Does } from '../platform/http/openapi.ts';
import { TakesQuery, refuseOtherQuery } from '../platform/http/query.guard.ts';
import { Ctx } from '../platform/http/request.ts';
import { TakesUpload, Upload } from '../platform/http/uploads.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { AvatarResponse, toAvatarResponse } from './avatars.dto.ts';
import { AvatarsService } from './avatars.service.ts';

const MEDIA_TYPE = 'image/webp';
const PICTURE = 'PNG, JPEG or WebP of at most 5 MiB';

@ApiTags('users')
@Controller('users')
export class AvatarsController {
  constructor(private readonly avatars: AvatarsService) {}

  @Does('Upload your own picture', 'It is made square, and nothing but its pixels is kept.')
  @Put('me/avatar')
  @SignedIn()
  @TakesUpload(PICTURE)
  @Answers(200, AvatarResponse)
  async putOwn(@Ctx() ctx: TenantContext, @Upload() file: IncomingFile): Promise<AvatarResponse> {
    return toAvatarResponse(await this.avatars.put(ctx, ctx.actor.userId!, file));
  }

  @Does('Remove your own picture')
  @Delete('me/avatar')
  @SignedIn()
  @AnswersNothing()
  async removeOwn(@Ctx() ctx: TenantContext): Promise<void> {
    await this.avatars.remove(ctx, ctx.actor.userId!);
  }

  @Does(
    'Download the picture of a person',
    '256 pixels wide and high. Without user.read, of people who share a project with you.',
  )
  @Get(':id/avatar')
  @SignedIn()
  @TakesQuery()
  @ApiQuery({
    name: 'v',
    required: false,
    schema: { type: 'string' },
    description: 'As in avatarUrl; it changes nothing',
  })
  @AnswersFile(MEDIA_TYPE)
  async get(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Query() query: Record<string, unknown>,
  ): Promise<FileAnswer> {
    refuseOtherQuery(query, ['v']);
    const { version, read } = await this.avatars.get(ctx, id);
    return new FileAnswer({ version, type: MEDIA_TYPE, name: 'avatar.webp', inline: true }, read);
  }

  @Does('Upload a picture of somebody', 'Of people no higher than yourself.')
  @Put(':id/avatar')
  @Requires('user.update')
  @TakesUpload(PICTURE)
  @Answers(200, AvatarResponse)
  async put(@Ctx() ctx: TenantContext, @IdParam() id: string, @Upload() file: IncomingFile): Promise<AvatarResponse> {
    return toAvatarResponse(await this.avatars.put(ctx, id, file));
  }

  @Does('Remove the picture of somebody', 'Of people no higher than yourself.')
  @Delete(':id/avatar')
  @Requires('user.update')
  @AnswersNothing()
  async remove(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    await this.avatars.remove(ctx, id);
  }
}
