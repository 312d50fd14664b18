import { Inject, Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { audit } from '../platform/audit/audit.ts';
import { FileStore } from '../platform/files/file-store.ts';
import type { IncomingFile } from '../platform/files/incoming-file.ts';
import { ActionLimits } from '../platform/limits/action-limits.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UsersService } from '../users/users.service.ts';
import type { UserRow } from '../users/users.types.ts';
import { AvatarMissing } from './avatars.errors.ts';
import { AvatarReplaced } from './avatars.events.ts';
import { Pictures } from './pictures.service.ts';

const MOST_BYTES = 5 * 1024 * 1024;

/** A picture as it is shown: which one, and how it is read. */
export interface Avatar {
  version: string;
  /** @throws AvatarMissing */
  read: () => Promise<Readable>;
}

@Injectable()
export class AvatarsService {
  constructor(
    private readonly users: UsersService,
    private readonly pictures: Pictures,
    private readonly files: FileStore,
    private readonly limits: ActionLimits,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Of anybody whom the actor may know of. @throws UserMissing, AvatarMissing */
  async get(ctx: TenantContext, userId: string): Promise<Avatar> {
    const { avatar } = await this.users.getKnown(ctx, userId);
    if (avatar === null) throw new AvatarMissing();
    const read = async () => {
      const stream = await this.files.open(ctx.tenant.id, fileOf(avatar));
      if (!stream) throw new AvatarMissing();
      return stream;
    };
    return { version: avatar, read };
  }

  /** @throws UserMissing, UserOutOfReach, RateLimited, FileTooLarge, PictureRefused, FilesAway */
  async put(ctx: TenantContext, userId: string, file: IncomingFile): Promise<UserRow> {
    await this.limits.takeUpload(ctx);
    this.#demandReach(ctx, await this.users.get(ctx, userId));
    const picture = await this.pictures.toSquare(await file.read(MOST_BYTES));
    const avatar = randomBytes(16).toString('hex');
    await this.files.put(ctx.tenant.id, fileOf(avatar), picture);
    try {
      return await this.#replace(ctx, userId, avatar);
    } catch (error) {
      await this.#discard(ctx, avatar);
      throw error;
    }
  }

  /** Having none is no mistake. @throws UserMissing, UserOutOfReach */
  async remove(ctx: TenantContext, userId: string): Promise<void> {
    await this.#replace(ctx, userId, null);
  }

  /** Of somebody who was deleted, whom nobody reaches any more. */
  async forget(ctx: TenantContext, userId: string): Promise<void> {
    await ctx.transaction((tx) => this.#put(tx, userId, null));
  }

  /** @throws FilesAway */
  async removeFile(ctx: TenantContext, avatar: string): Promise<void> {
    await this.files.remove(ctx.tenant.id, fileOf(avatar));
  }

  async #replace(ctx: TenantContext, userId: string, avatar: string | null): Promise<UserRow> {
    return ctx.transaction(async (tx) => {
      // Again: who stands above whom may have changed while the file arrived.
      this.#demandReach(tx, await this.users.get(tx, userId));
      const changed = await this.#put(tx, userId, avatar);
      const action = avatar === null ? 'avatar.removed' : 'avatar.changed';
      if (changed) await audit(tx, { action, target: { type: 'user', id: userId } });
      return this.users.get(tx, userId);
    });
  }

  async #put(tx: TenantContext, userId: string, avatar: string | null): Promise<boolean> {
    const former = await this.users.putAvatar(tx, userId, avatar);
    if (former !== null) tx.announce(new AvatarReplaced(userId, former));
    return avatar !== null || former !== null;
  }

  /** Its row was not written. One that cannot be removed now is found by nobody, and goes with the tenant. */
  async #discard(ctx: TenantContext, avatar: string): Promise<void> {
    await this.removeFile(ctx, avatar).catch((error: unknown) =>
      this.log.warn({ err: error, tenant: ctx.tenant.slug, avatar }, 'a picture that is nobody’s could not be removed'),
    );
  }

  #demandReach(ctx: TenantContext, user: UserRow): void {
    if (user.id !== ctx.actor.userId) this.users.demandReach(ctx, user);
  }
}

function fileOf(avatar: string): string {
  return `avatar-${avatar}.webp`;
}
