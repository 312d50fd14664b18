import { Injectable } from '@nestjs/common';
import { canAny } from '../platform/access/abilities.ts';
import { addressKey } from '../platform/mail/canonical-address.ts';
import type { PeopleNamed } from '../platform/markdown/people-named.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { canBeMentioned, type TaskOfComment } from './comment.policy.ts';
import { UserMentioned } from './comments.events.ts';
import { findNamedPeople } from './mentions.queries.ts';

/** Nobody addresses more people one by one; those named behind them are left as text. */
const MOST = 50;

@Injectable()
export class MentionsService {
  /** Whom a comment addresses as it is worded now, which was read before the transaction: people who are active and may see the task. */
  async resolve(tx: TenantContext, task: TaskOfComment, named: PeopleNamed): Promise<string[]> {
    // Whoever may not see addresses must not learn from a mention whose one is.
    const knowsAddresses = canAny(tx.actor, 'user.read');
    const [ids, emails] = [named.ids.slice(0, MOST), knowsAddresses ? named.emails.slice(0, MOST).map(addressKey) : []];
    if (ids.length + emails.length === 0) return [];
    const people = await findNamedPeople(tx, task.projectId, { ids, emails });
    const found = people.filter((person) => canBeMentioned(person, task));
    const place = ({ id, email }: { id: string; email: string }) =>
      ids.includes(id) ? ids.indexOf(id) : ids.length + emails.indexOf(email);
    return found
      .toSorted((a, b) => place(a) - place(b))
      .slice(0, MOST)
      .map(({ id }) => id);
  }

  /** Announces whom a comment addresses and did not before, other than whoever writes. */
  announce(
    tx: TenantContext,
    { id, taskId }: { id: string; taskId: string },
    mentions: string[],
    former: string[],
  ): void {
    for (const userId of mentions)
      if (!former.includes(userId) && userId !== tx.actor.userId)
        tx.announce(new UserMentioned(userId, id, taskId, tx.actor.userId));
  }
}
