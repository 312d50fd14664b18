import { ApiProperty } from '@nestjs/swagger';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { WatcherRow } from './watchers.queries.ts';

export const WATCHER_LIST: ListSpec = {
  filters: {},
  sorts: ['createdAt'],
  defaultSort: 'createdAt',
};

export class WatcherResponse {
  @ApiProperty({ format: 'uuid' })
  userId: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export function toWatcherResponse({ userId, name, createdAt }: WatcherRow): WatcherResponse {
  return { userId, name, createdAt: createdAt.toISOString() };
}
