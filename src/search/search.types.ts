import type { SearchLanguage } from '../platform/database/text-search.ts';
import { defineJob } from '../platform/jobs/job.ts';

export const SEARCHED_TYPES = ['task', 'project', 'comment'] as const;
export type SearchedType = (typeof SEARCHED_TYPES)[number];

/** How an organisation searches. */
export interface SearchSettings {
  /** Whose stems words are reduced to. */
  language: SearchLanguage;
}
/** Its key among the settings of the organisation. */
export const SEARCH_SETTING = 'search';

/** A piece of a text, in UTF-16 code units. */
export interface Mark {
  start: number;
  length: number;
}

export interface MarkedText {
  text: string;
  marks: Mark[];
}

/** Every entry whose words were reduced in another language; carries on where the attempt before it ended. */
export const REBUILD_SEARCH = defineJob<{ tenantId: string }>({
  name: 'rebuild-search',
  attempts: 10,
  pauseSeconds: 2,
  timeoutSeconds: 1_800,
});
