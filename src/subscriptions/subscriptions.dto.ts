import { ApiProperty } from '@nestjs/swagger';
import { isDay } from '../platform/http/fields.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { PeriodRefused } from './subscriptions.errors.ts';
import type { DailyUse, Use } from './usage.service.ts';

export class LimitsResponse {
  @ApiProperty({ type: Number, nullable: true, description: 'Active people; null: no limit' })
  users: number | null;
  @ApiProperty({ type: Number, nullable: true })
  projects: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Tables and files' })
  storageBytes: number | null;
  @ApiProperty({ type: Number, nullable: true })
  requestsPerMinute: number | null;
}

class UseResponse {
  @ApiProperty()
  users: number;
  @ApiProperty()
  projects: number;
  @ApiProperty({ description: 'As last measured, at most a quarter of an hour ago' })
  storageBytes: number;
}

export class SubscriptionResponse {
  @ApiProperty({ example: 'free' })
  plan: string;
  @ApiProperty({ type: LimitsResponse })
  limits: LimitsResponse;
  @ApiProperty({ type: UseResponse })
  used: UseResponse;
}

export class DailyUseResponse extends UseResponse {
  @ApiProperty({ format: 'date' })
  day: string;
  @ApiProperty()
  requests: number;
}

export function toSubscriptionResponse({ plan, limits }: Tenant, used: Use): SubscriptionResponse {
  return { plan, limits, used };
}

export function toDailyUseResponse({ day, requests, users, projects, storageBytes }: DailyUse): DailyUseResponse {
  return { day, requests, users, projects, storageBytes };
}

const MONTH_MS = 30 * 24 * 60 * 60 * 1000;

/** The last 30 days when nothing is asked. @throws PeriodRefused */
export function toPeriod(query: Record<string, unknown>): { from: string; to: string } {
  const day = (name: 'from' | 'to', fallback: number): string => {
    const given = query[name];
    if (given === undefined) return new Date(fallback).toISOString().slice(0, 10);
    if (!isDay(given)) throw new PeriodRefused(name, `${name} must be a date such as 2026-05-31.`);
    return given;
  };
  const to = day('to', Date.now());
  return { from: day('from', Date.parse(to) - MONTH_MS), to };
}
