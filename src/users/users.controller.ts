import { Body, Controller, Delete, Get, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiQuery, ApiTags } from '@nestjs/swagger';
import { NeedsFreshSignIn, Requires, SignedIn } from '../platform/access/access.decorators.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { IfMatch, TakesIfMatch } from '../platform/http/if-match.ts';
import { ApiList, List } from '../platform/http/list-query.ts';
import { Answers, AnswersNothing, AnswersPage, Does } from '../platform/http/openapi.ts';
import { TakesQuery, refuseOtherQuery } from '../platform/http/query.guard.ts';
import { Ctx } from '../platform/http/request.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import {
  USER_LIST,
  CreateUserBody,
  SetRolesBody,
  UpdateProfileBody,
  UpdateUserBody,
  UserResponse,
  toSuccessor,
  toUserResponse,
} from './users.dto.ts';
import { UserDeletion } from './user-deletion.service.ts';
import { UsersService } from './users.service.ts';

@ApiTags('users')
@Controller('users')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly deletion: UserDeletion,
  ) {}

  @Does('Create a person')
  @Post()
  @Requires('user.create')
  @Answers(201, UserResponse)
  async create(@Ctx() ctx: TenantContext, @Body() body: CreateUserBody): Promise<UserResponse> {
    return toUserResponse(await this.users.create(ctx, body));
  }

  @Does('List the people of the organisation')
  @Get()
  @Requires('user.read')
  @ApiList(USER_LIST)
  @AnswersPage(UserResponse)
  async list(@Ctx() ctx: TenantContext, @List(USER_LIST) query: ListQuery): Promise<Page<UserResponse>> {
    return (await this.users.list(ctx, query)).map(toUserResponse);
  }

  @Does('Read the person who is signed in')
  @Get('me')
  @SignedIn()
  @Answers(200, UserResponse)
  async getOwn(@Ctx() ctx: TenantContext): Promise<UserResponse> {
    return toUserResponse(await this.users.get(ctx, ctx.actor.userId!));
  }

  @Does('Change your own profile')
  @Patch('me')
  @SignedIn()
  @TakesIfMatch()
  @Answers(200, UserResponse)
  async updateOwn(
    @Ctx() ctx: TenantContext,
    @Body() body: UpdateProfileBody,
    @IfMatch() version?: number,
  ): Promise<UserResponse> {
    return toUserResponse(await this.users.updateOwn(ctx, body, version));
  }

  @Does('Read a person')
  @Get(':id')
  @Requires('user.read')
  @Answers(200, UserResponse)
  async get(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<UserResponse> {
    return toUserResponse(await this.users.get(ctx, id));
  }

  @Does(
    'Change a person',
    'Of people no higher than yourself. `"active": false` deactivates: sessions end, open tasks become unassigned.',
  )
  @Patch(':id')
  @Requires('user.update')
  @TakesIfMatch()
  @Answers(200, UserResponse)
  async update(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: UpdateUserBody,
    @IfMatch() version?: number,
  ): Promise<UserResponse> {
    return toUserResponse(await this.users.update(ctx, id, body, version));
  }

  @Does(
    'Delete a person for good',
    'What they have written stays, under no name; projects and open tasks go to somebody else.',
  )
  @Delete(':id')
  @Requires('user.delete')
  @NeedsFreshSignIn()
  @TakesQuery()
  @ApiQuery({
    name: 'reassignTo',
    required: false,
    schema: { type: 'string', format: 'uuid' },
    description: 'Who owns their projects and has their open tasks from now on; without, the tasks become nobody’s',
  })
  @TakesIfMatch()
  @AnswersNothing()
  async delete(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Query() query: Record<string, unknown>,
    @IfMatch() version?: number,
  ): Promise<void> {
    refuseOtherQuery(query, ['reassignTo']);
    await this.deletion.delete(ctx, id, toSuccessor(query), version);
  }

  @Does(
    'Let a person sign in again after too many failures',
    'Takes back that their password was disabled by a hundred failures in a row.',
  )
  @Delete(':id/lockout')
  @Requires('user.update')
  @AnswersNothing()
  async unlock(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    await this.users.unlock(ctx, id);
  }

  @Does(
    'Remove the second factors of a person',
    'For somebody who lost theirs: until they set up new ones, their password is enough.',
  )
  @Delete(':id/second-factors')
  @Requires('user.update')
  @NeedsFreshSignIn()
  @AnswersNothing()
  async removeSecondFactors(@Ctx() ctx: TenantContext, @IdParam() id: string): Promise<void> {
    await this.users.removeSecondFactors(ctx, id);
  }

  @Does('Set the roles of a person', 'Exactly these, none of them higher than your own.')
  @Put(':id/roles')
  @Requires('user.update')
  @TakesIfMatch()
  @Answers(200, UserResponse)
  async setRoles(
    @Ctx() ctx: TenantContext,
    @IdParam() id: string,
    @Body() body: SetRolesBody,
    @IfMatch() version?: number,
  ): Promise<UserResponse> {
    return toUserResponse(await this.users.setRoles(ctx, id, body.roles, version));
  }
}
