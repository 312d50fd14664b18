import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { v7 as newId } from 'uuid';
import { internalCaller, type Caller } from '../platform/access/caller.ts';
import { OperatorRecord, type OperatorAct } from '../platform/access/operator.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { listOperatorEvents, type OperatorEventRow } from './operators.queries.ts';

const HOUR_MS = 3_600_000;

export interface OperatorEvent {
  /** Null for somebody unknown, and for a command. */
  operator: { id: string; email: string } | null;
  caller: Caller;
  action: string;
  outcome?: Outcome;
  target?: string | null;
  details?: object;
  /** Of a command alone. */
  ranBy?: RanBy;
}

type Outcome = 'begun' | 'done' | 'refused' | 'failed';

/** Who ran a command, as the operating system says. */
export interface RanBy {
  user: string;
  host: string;
}

/** What a command is about to do. */
export interface CommandAct {
  action: string;
  target: string | null;
  details: object;
  ranBy: RanBy;
}

/** What operators did, in the registry: of those who are gone too. Nothing removes it. */
@Injectable()
export class OperatorEvents extends OperatorRecord {
  constructor(@InjectDataSource() private readonly registry: DataSource) {
    super();
  }

  begin({ operator, caller, action, target, details }: OperatorAct): Promise<string> {
    return this.note({ operator, caller, action, target, details, outcome: 'begun' });
  }

  async end(id: string, outcome: { target: string | null } | { refused: string }): Promise<void> {
    const isDone = 'target' in outcome;
    await this.registry.query(
      `UPDATE public.operator_events
          SET outcome = $2, target_id = coalesce(target_id, $3), details = coalesce(details, '{}') || $4::jsonb
        WHERE id = $1 AND outcome = 'begun'`,
      [
        id,
        isDone ? 'done' : 'refused',
        isDone ? outcome.target : null,
        JSON.stringify(isDone ? {} : { refused: outcome.refused }),
      ],
    );
  }

  /** Before a command does anything. @returns what `endCommand` needs */
  beginCommand(act: CommandAct): Promise<string> {
    return this.note({ operator: null, caller: internalCaller(), ...act, outcome: 'begun' });
  }

  async endCommand(id: string, outcome: 'done' | 'refused' | 'failed', details: object = {}): Promise<void> {
    await this.registry.query(
      `UPDATE public.operator_events SET outcome = $2, details = coalesce(details, '{}') || $3::jsonb
        WHERE id = $1 AND outcome = 'begun'`,
      [id, outcome, JSON.stringify(details)],
    );
  }

  async note({ operator, caller, action, outcome = 'done', target, details, ranBy }: OperatorEvent): Promise<string> {
    const id = newId();
    await this.registry.query(
      `INSERT INTO public.operator_events (id, operator_id, operator_email, action, outcome, target_type, target_id, details,
                                           address, user_agent, request_id, os_user, os_host)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12, $13)`,
      [
        id,
        operator?.id ?? null,
        operator?.email ?? null,
        action,
        outcome,
        action.split('.')[0],
        target ?? null,
        JSON.stringify(details ?? {}),
        caller.address,
        caller.userAgent,
        caller.requestId,
        ranBy?.user ?? null,
        ranBy?.host ?? null,
      ],
    );
    return id;
  }

  /** Refused sign-ins: one event an hour for each operator, and one for all who are none, with how many there were. */
  async noteRefusedSignIn(operator: { id: string; email: string } | null, caller: Caller): Promise<void> {
    const hour = Math.floor(Date.now() / HOUR_MS);
    const hex = createHash('sha256')
      .update(`operator.sign_in ${operator?.id ?? ''} ${hour}`)
      .digest('hex');
    const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    await this.registry.query(
      `INSERT INTO public.operator_events AS e (id, operator_id, operator_email, action, outcome, target_type, details, address, user_agent, request_id)
       VALUES ($1, $2, $3, 'operator.sign_in', 'refused', 'operator', '{}', $4, $5, $6)
       ON CONFLICT (id) DO UPDATE SET address = excluded.address, user_agent = excluded.user_agent, request_id = excluded.request_id,
         details = e.details || jsonb_build_object('attempts', coalesce((e.details ->> 'attempts')::bigint, 1) + 1, 'lastAt', now())`,
      [id, operator?.id ?? null, operator?.email ?? null, caller.address, caller.userAgent, caller.requestId],
    );
  }

  list(query: ListQuery): Promise<Page<OperatorEventRow>> {
    return listOperatorEvents(this.registry.manager, query);
  }
}
