import { ApiProperty } from '@nestjs/swagger';
import { SEARCH_LANGUAGES, type SearchLanguage } from '../platform/database/text-search.ts';
import { Choice } from '../platform/http/fields.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { Versioned } from '../platform/tenant-settings/tenant-settings.ts';
import type { Found } from './search.service.ts';
import { SEARCHED_TYPES, type SearchSettings } from './search.types.ts';

export const SEARCH_LIST: ListSpec = {
  words: 'required',
  filters: {
    types: { kind: 'choice', choices: SEARCHED_TYPES, operators: ['eq', 'in'] },
    projectId: { kind: 'id', operators: ['eq', 'in'] },
  },
  expressions: false,
  sorts: ['rank'],
  defaultSort: '-rank',
};

export class SearchSettingsBody {
  @Choice(SEARCH_LANGUAGES, { description: 'Whose stems words are reduced to; simple takes them as they are' })
  language: SearchLanguage;
}

export class SearchSettingsResponse {
  @ApiProperty({ enum: SEARCH_LANGUAGES })
  language: SearchLanguage;
  @ApiProperty({ description: 'Tasks, projects and comments whose words are still reduced in the language before' })
  pending: number;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export class MarkResponse {
  @ApiProperty({ description: 'In UTF-16 code units, as JavaScript counts' })
  start: number;
  @ApiProperty()
  length: number;
}

export class MarkedTextResponse {
  @ApiProperty({ description: 'As typed: plain text, to be escaped like any other' })
  text: string;
  @ApiProperty({ type: [MarkResponse], description: 'What was found in it' })
  marks: MarkResponse[];
}

export class FoundResponse {
  @ApiProperty({ enum: SEARCHED_TYPES })
  type: string;
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  projectId: string;
  @ApiProperty({ format: 'uuid', type: String, nullable: true, description: 'Of a comment' })
  taskId: string | null;
  @ApiProperty({
    type: MarkedTextResponse,
    description: "A task's title, a project's name; of a comment the title of its task",
  })
  title: MarkedTextResponse;
  @ApiProperty({
    type: MarkedTextResponse,
    nullable: true,
    description: 'The passage of description or comment that fits best',
  })
  snippet: MarkedTextResponse | null;
  @ApiProperty({ description: 'Of use beside those of the same answer alone' })
  rank: number;
  @ApiProperty({
    enum: ['words', 'similar'],
    description: 'similar: nothing has the words, this has something like them in its title',
  })
  match: string;
}

const toMarkedText = ({ text, marks }: MarkedTextResponse): MarkedTextResponse => ({
  text,
  marks: marks.map(({ start, length }) => ({ start, length })),
});

export function toFoundResponse({ type, id, projectId, taskId, title, snippet, rank, match }: Found): FoundResponse {
  return {
    type,
    id,
    projectId,
    taskId,
    title: toMarkedText(title),
    snippet: snippet && toMarkedText(snippet),
    rank,
    match,
  };
}

export function toSearchSettingsResponse({
  settings: { language, updatedAt, version },
  stale,
}: {
  settings: Versioned<SearchSettings>;
  stale: number;
}): SearchSettingsResponse {
  return { language, pending: stale, updatedAt: updatedAt.toISOString(), version };
}
