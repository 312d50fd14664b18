import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public, Requires } from '../platform/access/access.decorators.ts';
import type { Caller } from '../platform/access/caller.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { AddressedTenant, Ctx, From } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import {
  AcceptInvitationBody,
  AcceptedResponse,
  INVITATION_LIST,
  InvitationPreviewResponse,
  InvitationResponse,
  InviteBody,
  PreviewInvitationBody,
  toAcceptedResponse,
  toInvitationResponse,
} from './invitations.dto.ts';
import { InvitationsService } from './invitations.service.ts';

@ApiTags('invitations')
@Controller('invitations')
export class InvitationsController {
  constructor(private readonly invitations: InvitationsService) {}

  @Does('Invite somebody by mail', 'It has a link with which they join, in these roles, within a week.')
  @Post()
  @Requires('user.invite')
  @Answers(201, InvitationResponse)
  async create(@Ctx() ctx: TenantContext, @Body() body: InviteBody): Promise<InvitationResponse> {
    return toInvitationResponse(await this.invitations.create(ctx, body.email, body.roles ?? ['member']));
  }

  @Does('List the invitations')
  @Get()
  @Requires('user.invite')
  @ApiList(INVITATION_LIST)
  @AnswersPage(InvitationResponse)
  async list(@Ctx() ctx: TenantContext, @List(INVITATION_LIST) query: ListQuery): Promise<Page<InvitationResponse>> {
    return (await this.invitations.list(ctx, query)).map(toInvitationResponse);
  }

  @Does('Read what an invitation is about', 'With the token of the mail, before it is accepted.')
  @Post('preview')
  @Public({ tenant: 'optional' })
  @HttpCode(200)
  @Answers(200, InvitationPreviewResponse)
  preview(
    @Body() body: PreviewInvitationBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<InvitationPreviewResponse> {
    return this.invitations.preview(body.token, addressed, caller);
  }

  @Does('Join with the token of the invitation', 'The person is signed in.')
  @Post('accept')
  @Public({ tenant: 'optional' })
  @HttpCode(200)
  @Answers(200, AcceptedResponse)
  async accept(
    @Body() body: AcceptInvitationBody,
    @AddressedTenant() addressed: Tenant | null,
    @From() caller: Caller,
  ): Promise<AcceptedResponse> {
    return toAcceptedResponse(await this.invitations.accept(body, addressed, caller));
  }

  @Does('Read an invitation')
  @Get(':id')
  @Requires('user.invite')
  @Answers(200, InvitationResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<InvitationResponse> {
    return toInvitationResponse(await this.invitations.get(ctx, id));
  }

  @Does('Send an invitation again', 'With another link; that of the mail before no longer works.')
  @Post(':id/resend')
  @Requires('user.invite')
  @HttpCode(200)
  @Answers(200, InvitationResponse)
  async resend(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<InvitationResponse> {
    return toInvitationResponse(await this.invitations.resend(ctx, id));
  }

  @Does('Revoke an invitation')
  @Delete(':id')
  @Requires('user.invite')
  @AnswersNothing()
  async revoke(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    await this.invitations.revoke(ctx, id);
  }
}
