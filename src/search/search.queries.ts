import { listPage, type ListSource } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { wordsSql } from '../platform/database/typed-words.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UNSPACED_SQL } from '../platform/text-search/unspaced-scripts.ts';
import { BOUNDARY, JOINTS, MARK_END, MARK_START, SIGNS, STANDINS } from './marks.rules.ts';
import { SEARCH_SETTING, type SearchedType } from './search.types.ts';
import type { Guess } from './typing-errors.rules.ts';

/** Of each type so many hits are ranked, the newest: a word that stands everywhere costs no more than that. */
const RANKED = 1_000;
/** Characters of a text in which the place is looked for that is shown. */
const READ_FOR_SNIPPET = 10_000;
/** Letters of a script without spaces that are shown around a hit, and how many of them stand before it. */
const UNSPACED_SNIPPET = { length: 160, before: 40 };
/** Where a run of such letters begins or ends: the word beside it is a word of its own. */
const RUN_EDGE = `(?<=[${UNSPACED_SQL}])(?=[[:alnum:]])(?![${UNSPACED_SQL}])|(?<=[[:alnum:]])(?<![${UNSPACED_SQL}])(?=[${UNSPACED_SQL}])`;

/** The language that is set now. */
const SET_LANGUAGE = `(SELECT value->>'language' FROM "@tenant".settings WHERE key = '${SEARCH_SETTING}')`;

export interface FoundRow {
  type: SearchedType;
  id: string;
  projectId: string;
  taskId: string | null;
  title: string;
  /** The same with signs around what was found; null when nothing is marked. */
  markedTitle: string | null;
  markedSnippet: string | null;
  rank: number;
}

/** Where is searched: types, and conditions on `t` (tasks) and `p` (projects) with their parameters. */
export interface SearchScope {
  types: readonly SearchedType[];
  visibleTasks: string;
  visibleProjects: string;
  parameters: unknown[];
}

/** Tables and conditions by type; the entry is `e`. */
const SEARCHED: Record<SearchedType, { title: string; body: string; project: string; task: string; from: string }> = {
  task: {
    title: 't.title',
    body: 't.description',
    project: 't.project_id',
    task: 'NULL::uuid',
    from: `JOIN "@tenant".tasks t ON t.id = e.id WHERE e.type = 'task' AND t.deleted_at IS NULL`,
  },
  project: {
    title: 'p.name',
    body: 'p.description',
    project: 'p.id',
    task: 'NULL::uuid',
    from: `JOIN "@tenant".projects p ON p.id = e.id WHERE e.type = 'project' AND p.deleted_at IS NULL`,
  },
  comment: {
    title: 't.title',
    body: 'c.body',
    project: 't.project_id',
    task: 't.id',
    from: `JOIN "@tenant".comments c ON c.id = e.id JOIN "@tenant".tasks t ON t.id = c.task_id
      WHERE e.type = 'comment' AND c.deleted_at IS NULL AND t.deleted_at IS NULL`,
  },
};

const ID = { sql: 'found.id', type: 'uuid' } as const;
const COLUMNS = { rank: { sql: 'found.rank', type: 'numeric' } } as const;
const SHOWN = `found.type, found.id, found."projectId", found."taskId", found.title, found.rank::float8 AS rank`;

/**
 * What has the words, the best first.
 *
 * @param runs those of the words that are written in scripts without spaces: a snippet shows the place of one
 */
export function searchWords(
  ctx: TenantContext,
  { words, runs }: { words: string; runs: string[] },
  scope: SearchScope,
  query: ListQuery,
): Promise<Page<FoundRow>> {
  const parameters = [...scope.parameters];
  const bind = (value: unknown, type: string) => `$${parameters.push(value)}::${type}`;
  const typed = wordsSql(words, bind);
  const meets = `e.document @@ (SELECT query FROM typed)`;
  const rank = 'round(ts_rank(e.document, (SELECT query FROM typed), 1)::numeric, 6)';
  const headline = (text: string, options: string) =>
    `ts_headline(found.language, translate(regexp_replace(${text}, '${RUN_EDGE}', '${BOUNDARY}', 'g'), '${JOINTS}${SIGNS}', '${STANDINS}'), found.query,
                 'StartSel=${MARK_START}, StopSel=${MARK_END}, ${options}')`;
  const text = `left(found.body, ${READ_FOR_SNIPPET})`;
  const spaced = headline(text, 'MaxWords=30, MinWords=12, MaxFragments=1, ShortWord=0');
  const { length, before } = UNSPACED_SNIPPET;
  const unspaced = () => `(SELECT CASE WHEN place > 0
        THEN ${headline(`substr(composed, greatest(1, place - ${before}), ${length})`, 'HighlightAll=true')} ELSE ${spaced} END
      FROM (SELECT composed, (SELECT min(nullif(strpos(composed, run), 0)) FROM unnest(${bind(runs, 'text[]')}) AS run) AS place
              FROM (SELECT normalize(${text}, NFC) AS composed) body) found_in_body)`;
  const source: ListSource = {
    select: `${SHOWN}, ${headline('found.title', 'HighlightAll=true')} AS "markedTitle",
      CASE WHEN found.body <> '' THEN ${runs.length > 0 ? unspaced() : spaced} END AS "markedSnippet"`,
    from: `(WITH typed AS MATERIALIZED (SELECT ${typed} AS query, "@tenant".search_language() AS language)
      SELECT hit.*, typed.query, typed.language FROM typed CROSS JOIN (${union(scope, meets, rank)}) hit) found WHERE true`,
    parameters,
    columns: COLUMNS,
    id: ID,
  };
  return listPage<FoundRow>(ctx, source, query);
}

/** What has the words in its title with at most one typing error in each, the most similar first. */
export function searchSimilar(
  ctx: TenantContext,
  words: string,
  guesses: Guess[],
  scope: SearchScope,
  query: ListQuery,
): Promise<Page<FoundRow>> {
  const parameters = [...scope.parameters];
  const bind = (value: string) => `$${parameters.push(value)}::text`;
  const meets = guesses
    .map(({ parts, beginning }) => {
      const any = parts.map((part) => `e.title LIKE ${bind(part)}`).join(' OR ');
      return `(${any}) AND e.title ~ ${bind(beginning)}`;
    })
    .join(' AND ');
  const rank = `round(extensions.word_similarity(extensions.searchable(${bind(words)}), e.title)::numeric, 6)`;
  const types = scope.types.filter((type) => type !== 'comment');
  const source: ListSource = {
    select: `${SHOWN}, NULL::text AS "markedTitle", nullif(left(translate(found.body, '${SIGNS}', ''), 160), '') AS "markedSnippet"`,
    from: `(${union({ ...scope, types }, meets, rank)}) found WHERE true`,
    parameters,
    columns: COLUMNS,
    id: ID,
  };
  return listPage<FoundRow>(ctx, source, query);
}

function union({ types, visibleTasks, visibleProjects }: SearchScope, meets: string, rank: string): string {
  const parts = types.map((type) => {
    const { title, body, project, task, from } = SEARCHED[type];
    const visible = type === 'project' ? visibleProjects : visibleTasks;
    return `SELECT '${type}'::text AS type, e.id, e."projectId", e."taskId", e.shown AS title, e.body, ${rank} AS rank
      FROM (SELECT e.id, e.title, e.document, ${title} AS shown, ${body} AS body, ${project} AS "projectId", ${task} AS "taskId"
              FROM "@tenant".search_entries e ${from} AND ${visible} AND ${meets} ORDER BY e.id DESC LIMIT ${RANKED}) e`;
  });
  return parts.join(' UNION ALL ');
}

/**
 * Reduces the words of some entries in the language that is set now. Those of records that somebody is writing are left for
 * later.
 *
 * @returns how many
 */
export async function rebuildSome(tx: TenantContext, most: number): Promise<number> {
  const rows = await tx.query<{ rebuilt: number }>(
    // Their records are held, not the entries: whoever writes a record holds it first.
    `WITH stale AS MATERIALIZED (
       SELECT id FROM "@tenant".search_entries WHERE language <> ${SET_LANGUAGE} LIMIT $1),
     t AS MATERIALIZED (
       SELECT t.* FROM "@tenant".tasks t JOIN stale USING (id) FOR NO KEY UPDATE OF t SKIP LOCKED),
     p AS MATERIALIZED (
       SELECT p.* FROM "@tenant".projects p JOIN stale USING (id) FOR NO KEY UPDATE OF p SKIP LOCKED),
     c AS MATERIALIZED (
       SELECT c.* FROM "@tenant".comments c JOIN stale USING (id) FOR NO KEY UPDATE OF c SKIP LOCKED),
     fresh AS (
       SELECT id, "@tenant".search_document(title, array_to_string(tags, ' '), description) AS document FROM t
       UNION ALL
       SELECT id, "@tenant".search_document(name, NULL, description) FROM p
       UNION ALL
       SELECT id, "@tenant".search_document(NULL, NULL, body) FROM c),
     rebuilt AS (
       UPDATE "@tenant".search_entries e SET document = fresh.document, language = ${SET_LANGUAGE}
         FROM fresh WHERE e.id = fresh.id RETURNING e.id)
     SELECT count(*)::int AS rebuilt FROM rebuilt`,
    [most],
  );
  return rows[0]!.rebuilt;
}

/** Entries whose words are still reduced in another language. */
export async function countStale(ctx: TenantContext): Promise<number> {
  const rows = await ctx.query<{ stale: number }>(
    `SELECT count(*)::int AS stale FROM "@tenant".search_entries
      WHERE language <> ${SET_LANGUAGE}`,
  );
  return rows[0]!.stale;
}
