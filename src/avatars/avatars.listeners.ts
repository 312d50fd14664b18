import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UserDeleted } from '../users/users.events.ts';
import { AvatarReplaced } from './avatars.events.ts';
import { AvatarsService } from './avatars.service.ts';

@Injectable()
export class AvatarsListeners {
  constructor(private readonly avatars: AvatarsService) {}

  @Hears(AvatarReplaced)
  async removeFile(ctx: TenantContext, event: AvatarReplaced): Promise<void> {
    await this.avatars.removeFile(ctx, event.formerAvatar);
  }

  @Hears(UserDeleted)
  async forgetDeleted(ctx: TenantContext, event: UserDeleted): Promise<void> {
    await this.avatars.forget(ctx, event.userId);
  }
}
