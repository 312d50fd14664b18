import { Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { HistoryService } from './history.service.ts';
import type { FieldChange, ProjectSubject } from './history.types.ts';

@Injectable()
export class ProjectHistoryService {
  constructor(private readonly log: HistoryService) {}

  /** Writes down what changed, in the transaction of the change; what stayed the same is left out. */
  async record(
    tx: TenantContext,
    projectId: string,
    subject: { type: ProjectSubject; id: string },
    changes: FieldChange[],
  ): Promise<void> {
    const real = changes.filter(({ oldValue, newValue }) => !isDeepStrictEqual(oldValue, newValue));
    const of = { entityType: subject.type, entityId: subject.id, projectId, taskId: null };
    await this.log.put(
      tx,
      real.map((change) => ({ ...of, ...change })),
      new Date(),
    );
  }
}

/** The changes that turn one record into another, over the fields that the second one names; none for what stays as it was. */
export function changesOf<T extends object>(before: T, after: Partial<T>): FieldChange[] {
  return (Object.keys(after) as (keyof T & string)[])
    .map((field) => ({ field, oldValue: before[field] ?? null, newValue: after[field] ?? null }))
    .filter(({ oldValue, newValue }) => !isDeepStrictEqual(oldValue, newValue));
}
