import { Injectable } from '@nestjs/common';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { hashSecret } from '../platform/tokens/tenant-secret.ts';
import { Token } from '../platform/tokens/token.entity.ts';

const PENDING = 'pending-email-change';

/** Somebody wants another address; it is theirs once both the old one and the new one have confirmed it. */
export interface EmailChange {
  email: string;
  oldConfirmed: boolean;
  newConfirmed: boolean;
}

/** Changes of addresses that are not confirmed yet. */
@Injectable()
export class EmailChanges {
  async find(ctx: TenantContext, userId: string): Promise<(EmailChange & Pick<Token, 'expiresAt'>) | null> {
    const token = await ctx.repository(Token).findOneBy(ofPerson(userId));
    return token && { ...(token.data as EmailChange), expiresAt: token.expiresAt };
  }

  /** The same; whoever else confirms or changes it waits until the transaction ends. */
  async lock(tx: TenantContext, userId: string): Promise<EmailChange | null> {
    const lock = { mode: 'pessimistic_write' as const };
    const token = await tx.repository(Token).findOne({ where: ofPerson(userId), lock });
    return token && (token.data as EmailChange);
  }

  /** Takes the place of the one before, if there is one; of two at once the later one stays. */
  async keep(tx: TenantContext, userId: string, email: string, expiresAt: Date): Promise<void> {
    const { hash, purpose } = ofPerson(userId);
    const data: EmailChange = { email, oldConfirmed: false, newConfirmed: false };
    await tx.query(
      `INSERT INTO "@tenant".tokens (hash, purpose, user_id, data, expires_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (hash) DO UPDATE SET data = excluded.data, created_at = excluded.created_at, expires_at = excluded.expires_at`,
      [hash, purpose, userId, data, expiresAt],
    );
  }

  async confirm(tx: TenantContext, userId: string, data: EmailChange): Promise<void> {
    await tx.repository(Token).update(ofPerson(userId), { data });
  }

  /** @returns whether there was one */
  async remove(ctx: TenantContext, userId: string): Promise<boolean> {
    const { affected } = await ctx.repository(Token).delete(ofPerson(userId));
    return Boolean(affected);
  }
}

/** By its person, so that the primary key keeps them from having two. Nobody can present it: tokens are of another form. */
function ofPerson(userId: string): Pick<Token, 'hash' | 'purpose'> {
  return { hash: hashSecret(`${PENDING} ${userId}`), purpose: PENDING };
}
