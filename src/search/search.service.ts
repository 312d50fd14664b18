import { Injectable } from '@nestjs/common';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import { partedWords } from '../platform/database/typed-words.ts';
import { Page } from '../platform/database/page.ts';
import { unspacedRuns } from '../platform/text-search/unspaced-scripts.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import { markRuns, unmark } from './marks.rules.ts';
import { reachOfProjects } from './search.policy.ts';
import { searchSimilar, searchWords, type FoundRow, type SearchScope } from './search.queries.ts';
import { SEARCHED_TYPES, type MarkedText, type SearchedType } from './search.types.ts';
import { guessesOf } from './typing-errors.rules.ts';

export interface Found extends Pick<FoundRow, 'type' | 'id' | 'projectId' | 'taskId' | 'rank'> {
  title: MarkedText;
  snippet: MarkedText | null;
  /** Whether the words were found, or only something like them. */
  match: 'words' | 'similar';
}

/** Before the cursor of a page of what is similar. */
const SIMILAR = 's.';

@Injectable()
export class SearchService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly tasks: TasksService,
  ) {}

  /** What the actor may see and has the words; where nothing has them, what has something like them in its title. */
  async search(ctx: TenantContext, query: ListQuery): Promise<Page<Found>> {
    const words = query.words!;
    const scope = this.#scopeOf(ctx, query);
    if (scope.types.length === 0) return nothing(query);
    // What it is about is in the scope by now.
    const asked = { ...query, conditions: [] };
    const goesOn = query.after ?? query.before;
    if (goesOn?.startsWith(SIMILAR)) return this.#similar(ctx, words, scope, asked);
    const runs = unspacedRuns(words.normalize('NFC'));
    const page = await searchWords(ctx, { words, runs }, scope, asked);
    const isNothing = page.items.length === 0 && goesOn === undefined;
    return isNothing ? this.#similar(ctx, words, scope, asked) : page.map((row) => shown(row, 'words', runs));
  }

  async #similar(ctx: TenantContext, words: string, scope: SearchScope, query: ListQuery): Promise<Page<Found>> {
    const guesses = guessesOf(partedWords(words));
    // Of comments, which have no titles, nothing is guessed.
    if (guesses.length === 0 || scope.types.every((type) => type === 'comment')) return nothing(query);
    const own = (cursor: string | undefined) => cursor?.replace(SIMILAR, '');
    const asked = { ...query, after: own(query.after), before: own(query.before) };
    const { items, meta } = await searchSimilar(ctx, words, guesses, scope, asked);
    const [nextCursor, prevCursor] = [meta.nextCursor, meta.prevCursor].map((each) => each && SIMILAR + each) as [
      string | null,
      string | null,
    ];
    return new Page(
      items.map((row) => shown(row, 'similar')),
      { ...meta, nextCursor, prevCursor },
    );
  }

  #scopeOf(ctx: TenantContext, { conditions }: ListQuery): SearchScope {
    // Given twice, both hold.
    const asked = (field: string) =>
      conditions
        .filter((condition) => condition.field === field)
        .map(({ values }) => values)
        .reduce<(string | null)[] | null>(
          (both, values) => both?.filter((each) => values.includes(each)) ?? values,
          null,
        );
    const types = (asked('types') ?? SEARCHED_TYPES) as SearchedType[];
    const parameters: unknown[] = [];
    const bind = (value: unknown) => `$${parameters.push(value)}`;
    const inTasks = types.some((type) => type !== 'project') ? [this.tasks.visible(ctx, parameters)] : ['true'];
    const inProjects = types.includes('project')
      ? [`p.id IN (${this.projects.idsWithin(ctx, reachOfProjects(ctx.actor), bind)})`]
      : ['true'];
    const projectIds = asked('projectId');
    if (projectIds) {
      const place = `${bind(projectIds)}::uuid[]`;
      inTasks.push(`t.project_id = ANY (${place})`);
      inProjects.push(`p.id = ANY (${place})`);
    }
    return {
      types: [...new Set(types)],
      visibleTasks: inTasks.join(' AND '),
      visibleProjects: inProjects.join(' AND '),
      parameters,
    };
  }
}

function nothing({ limit, count }: ListQuery): Page<Found> {
  return new Page<Found>([], { ...Page.whole([]).meta, limit, ...(count ? { total: 0 } : {}) });
}

function shown(row: FoundRow, match: Found['match'], runs: readonly string[] = []): Found {
  const { type, id, projectId, taskId, title, markedTitle, markedSnippet, rank } = row;
  // A title that holds our own signs lost them; marks would then stand at wrong places of it.
  const marked = markedTitle === null ? null : unmark(markedTitle);
  return {
    type,
    id,
    projectId,
    taskId,
    title: marked?.text === title ? markRuns(marked, runs) : { text: title, marks: [] },
    snippet: markedSnippet === null ? null : markRuns(unmark(markedSnippet), runs),
    rank,
    match,
  };
}
