import { Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { v7 as newId } from 'uuid';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { FieldChange } from './history.types.ts';
import { ProjectChange, type ProjectSubject } from './project-change.entity.ts';

@Injectable()
export class ProjectHistoryService {
  /** Writes down what changed, in the transaction of the change; what stayed the same is left out. */
  async record(
    tx: TenantContext,
    projectId: string,
    subject: { type: ProjectSubject; id: string },
    changes: FieldChange[],
  ): Promise<void> {
    const real = changes.filter(({ oldValue, newValue }) => !isDeepStrictEqual(oldValue, newValue));
    if (real.length === 0) return;
    const at = new Date();
    await tx.repository(ProjectChange).insert(
      real.map(
        (change) =>
          ({
            ...change,
            id: newId(),
            projectId,
            subjectType: subject.type,
            subjectId: subject.id,
            actorId: tx.actor.userId,
            at,
          }) as never,
      ),
    );
  }
}

/** The changes that turn one record into another, over the fields that the second one names; none for what stays as it was. */
export function changesOf<T extends object>(before: T, after: Partial<T>): FieldChange[] {
  return (Object.keys(after) as (keyof T & string)[])
    .map((field) => ({ field, oldValue: before[field] ?? null, newValue: after[field] ?? null }))
    .filter(({ oldValue, newValue }) => !isDeepStrictEqual(oldValue, newValue));
}
