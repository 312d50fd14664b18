import { Inject, Injectable } from '@nestjs/common';
import { timingSafeEqual } from 'node:crypto';
import { ApiKeysService } from '../api-keys/api-keys.service.ts';
import type { Actor } from '../platform/access/actor.ts';
import type { Caller } from '../platform/access/caller.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import { TenantDirectory } from '../platform/tenancy/tenant.types.ts';
import { ActorsService } from '../sessions/actors.service.ts';
import { AttachmentMissing, FileLinkRefused } from './attachments.errors.ts';
import { AttachmentsService, type OpenedFile } from './attachments.service.ts';
import { formatToken, packLink, parseToken, unpackLink, type FileLink } from './file-link.rules.ts';

const PURPOSE = 'file link';

/** Links to files that work without signing in, for a short time: for a browser that saves a file, for a viewer. */
@Injectable()
export class FileLinksService {
  constructor(
    private readonly attachments: AttachmentsService,
    private readonly secrets: SecretBox,
    private readonly directory: TenantDirectory,
    private readonly contexts: TenantContexts,
    private readonly actors: ActorsService,
    private readonly keys: ApiKeysService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * @param origin of the request, where PUBLIC_URL is not set
   * @throws AttachmentMissing
   */
  async issue(
    ctx: TenantContext,
    id: string,
    { seconds, origin }: { seconds: number; origin: string },
  ): Promise<{ url: string; expiresAt: Date }> {
    await this.attachments.get(ctx, id);
    const expiresAt = Math.floor(Date.now() / 1_000) + seconds;
    const { userId, sessionId, key } = ctx.actor;
    const credential = key ? { kind: 'key' as const, id: key.id } : { kind: 'session' as const, id: sessionId! };
    const link = { tenantId: ctx.tenant.id, attachmentId: id, userId: userId!, credential, expiresAt };
    const packed = packLink(link);
    const token = formatToken(packed, this.secrets.derive(PURPOSE, packed.toString('hex')));
    const site = (this.config.PUBLIC_URL ?? origin).replace(/\/$/, '');
    return { url: `${site}/api/v1/files?token=${token}`, expiresAt: new Date(expiresAt * 1_000) };
  }

  /**
   * The file, as the session or API key that asked for the link sees it at this moment.
   *
   * @throws FileLinkRefused, TenantSuspended, TenantUnavailable
   */
  async open(token: string, caller: Caller): Promise<OpenedFile> {
    const { tenantId, attachmentId, ...issuer } = this.#verified(token);
    const tenant = await this.directory.findById(tenantId);
    if (!tenant || tenant.status === 'deleted') throw new FileLinkRefused();
    const served = await this.contexts.admit(tenant);
    const actor = await this.#actorOf(await this.contexts.open(served, undefined, caller), issuer);
    if (!actor) throw new FileLinkRefused();
    const ctx = await this.contexts.open(served, actor, caller);
    return this.attachments.open(ctx, attachmentId).catch((error: unknown) => {
      throw error instanceof AttachmentMissing ? new FileLinkRefused() : error;
    });
  }

  /** Null when the session or the key has ended, or the person is not active. */
  async #actorOf(
    ctx: TenantContext,
    { userId, credential: { kind, id } }: Pick<FileLink, 'userId' | 'credential'>,
  ): Promise<Actor | null> {
    if (kind === 'session') return this.actors.find(ctx, userId, id);
    const key = await this.keys.findById(ctx, userId, id);
    return key && this.actors.findByKey(ctx, key);
  }

  /** Before anything is looked up: a stranger learns nothing from what they write into a token. */
  #verified(token: string): FileLink {
    const parsed = parseToken(token);
    const seals = parsed ? this.secrets.deriveAll(PURPOSE, parsed.packed.toString('hex')) : [];
    if (!parsed || !seals.some((seal) => timingSafeEqual(seal, parsed.seal))) throw new FileLinkRefused();
    const link = unpackLink(parsed.packed);
    if (link.expiresAt * 1_000 <= Date.now()) throw new FileLinkRefused();
    return link;
  }
}
