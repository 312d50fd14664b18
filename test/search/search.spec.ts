import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let orbit: { id: string };
let garden: { id: string };

beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  mia = await acme.join('Mia', 'member');
  orbit = await acme.project('Orbit', [[mia, 'member']]);
  garden = await acme.project('Garden');
  await acme.task(orbit.id, { title: 'Build the rocket', description: 'Steel and a lot of **paint**.' });
  await acme.task(orbit.id, { title: 'Paint everything', description: 'Also the rocket.' });
  await acme.task(orbit.id, { title: 'Order fuel', tags: ['rocket', 'urgent'] });
  await acme.task(orbit.id, { title: 'Running the engines' });
  await acme.task(orbit.id, { title: 'Café für alle' });
  await acme.task(garden.id, { title: 'Bury a rocket in the garden' });
});
afterAll(() => app.stop());

const find = async (who: Person, words: string, more = '') =>
  expectStatus(await who.get(`/search?q=${encodeURIComponent(words)}${more}`), 200).data;
const titles = async (who: Person, words: string, more = ''): Promise<string[]> =>
  (await find(who, words, more)).map((each: any) => each.title.text);
/** Titles of what has the words themselves. */
const exact = async (who: Person, words: string): Promise<string[]> =>
  (await find(who, words)).filter((each: any) => each.match === 'words').map((each: any) => each.title.text);
const marked = ({ text, marks }: any): string[] =>
  marks.map(({ start, length }: any) => text.slice(start, start + length));

describe('a search', () => {
  it('ranks titles above tags, and those above descriptions', async () => {
    expect(await titles(mia, 'rocket')).toEqual(['Build the rocket', 'Order fuel', 'Paint everything']);
  });

  it('finds what begins with the word that is being typed, also before its stem is complete', async () => {
    expect(await titles(mia, 'roc')).toHaveLength(3);
    expect(await titles(mia, 'build roc')).toEqual(['Build the rocket']);
    expect(await titles(mia, 'runni')).toEqual(['Running the engines']);
  });

  it('knows the forms of a word', async () => {
    expect(await titles(mia, 'engine run')).toEqual(['Running the engines']);
    expect(await titles(mia, 'painted')).toEqual(['Paint everything', 'Build the rocket']);
  });

  it('takes phrases, alternatives and exclusions', async () => {
    expect(await titles(mia, '"paint everything"')).toEqual(['Paint everything']);
    expect(await titles(mia, '"everything paint"')).toEqual([]);
    expect(await titles(mia, '"rocket steel"')).toEqual([]);
    expect(await titles(mia, '"paint every')).toEqual(['Paint everything']);
    expect(await titles(mia, '"paint everything" als')).toEqual(['Paint everything']);
    expect((await titles(mia, 'fuel or engines')).sort()).toEqual(['Order fuel', 'Running the engines']);
    expect(await titles(mia, 'rocket -paint')).toEqual(['Order fuel']);
  });

  it('does not mind accents', async () => {
    expect(await titles(mia, 'cafe')).toEqual(['Café für alle']);
    expect(await titles(mia, 'CAFÉ FUR')).toEqual(['Café für alle']);
    expect(marked((await find(mia, 'cafe'))[0].title)).toEqual(['Café']);
  });

  it.each(['rcoket', 'rockt', 'rockket', 'rokket', 'Rckét'])(
    'finds the rocket by %s, where nothing has the word itself',
    async (word) => {
      const found = await find(mia, word);
      expect(found.map((each: any) => [each.title.text, each.match])).toEqual([['Build the rocket', 'similar']]);
    },
  );

  it('guesses at no short words, and at no beginning in the middle of a word', async () => {
    expect(await titles(mia, 'feul')).toEqual(['Order fuel']);
    expect(await titles(mia, 'ocket')).toEqual(['Build the rocket']);
    expect(await titles(mia, 'gines')).toEqual([]);
    expect(await titles(mia, 'teh')).toEqual([]);
    expect(await titles(mia, 'rcoket -paint')).toEqual([]);
  });

  it('shows where the words stand, as text and places and never as HTML', async () => {
    const nasty = '<img src=x onerror=alert(1)> \u0001zeppelin\u0002 & co';
    await acme.task(orbit.id, { title: '<b>Zeppelin</b>', description: nasty });
    const [found] = await find(mia, 'zeppelin');
    expect(found.title.text).toBe('<b>Zeppelin</b>');
    expect(marked(found.snippet)).toEqual(['zeppelin']);
    const [rocket] = await find(mia, 'rocket');
    expect(marked(rocket.title)).toEqual(['rocket']);
    expect(rocket.snippet.text).toContain('**paint**');
  });

  it('shows the short words around it too', async () => {
    await acme.task(orbit.id, { title: 'A question', description: 'To be or not to be: **giraffe**?' });
    const [found] = await find(mia, 'giraffe');
    expect(found.snippet.text).toBe('To be or not to be: **giraffe');
  });

  it('finds what stands between < and >, and shows it', async () => {
    const { id } = await acme.task(orbit.id, {
      title: 'Port List<Meteorite>',
      description: 'With `Map<Comet, Tail>`.',
    });
    const [byTitle] = await find(mia, 'meteorite');
    expect(byTitle).toMatchObject({ id, title: { text: 'Port List<Meteorite>' } });
    expect(marked(byTitle.title)).toEqual(['Meteorite']);
    const [byText] = await find(mia, 'comet');
    expect(byText).toMatchObject({ id, snippet: { text: 'With `Map<Comet, Tail' } });
    expect(marked(byText.snippet)).toEqual(['Comet']);
  });

  it.each([
    ['proj-123', 'Mend PROJ-123 in src/platform/lists.ts'],
    ['123', 'Mend PROJ-123 in src/platform/lists.ts'],
    ['#proj', 'Mend PROJ-123 in src/platform/lists.ts'],
    ['platform/li', 'Mend PROJ-123 in src/platform/lists.ts'],
    ['lists.ts', 'Mend PROJ-123 in src/platform/lists.ts'],
    ['"src/platform"', 'Mend PROJ-123 in src/platform/lists.ts'],
    ['platform -123', null],
    ['(quux', 'Ask quux_team@example.test for v4.12'],
    ['@exa', 'Ask quux_team@example.test for v4.12'],
    ['team@example.test', 'Ask quux_team@example.test for v4.12'],
    ['v4.1', 'Ask quux_team@example.test for v4.12'],
  ])('takes the signs in %j for the end of a word', async (words, title) => {
    if ((await titles(mia, 'quux')).length === 0) {
      await acme.task(orbit.id, { title: 'Mend PROJ-123 in src/platform/lists.ts' });
      await acme.task(orbit.id, { title: 'Ask quux_team@example.test for v4.12' });
    }
    expect(await exact(mia, words)).toEqual(title === null ? [] : [title]);
  });

  it.each(['a_b-', 'a.b/c@', 'a1', "o'", '--', 'é-é_', '<a>', 'a&b;'])(
    'does not lose itself in a long run of %j',
    async (run) => {
      const marker = `run${Buffer.from(run).toString('hex')}`;
      const { id } = await acme.task(orbit.id, { title: marker, description: run.repeat(50_000 / run.length) });
      expect((await find(mia, marker)).map((each: any) => each.id)).toEqual([id]);
    },
  );

  it('finds nothing by words that only exclude, or by signs', async () => {
    for (const words of ['-rocket', '&|!', '"', "'", '\\', '(((', '-the '])
      expect(await titles(mia, words)).toEqual([]);
  });

  it.each(['', ' ', 'x'.repeat(201), 'a\u0000b'])('refuses %j', async (words) => {
    const answer = expectStatus(await mia.get(`/search?q=${encodeURIComponent(words)}`), 400);
    expect(answer.error.details).toMatchObject([{ pointer: '?q', code: 'words' }]);
  });

  it('takes types and projects, and no other parameter', async () => {
    const { owner } = acme;
    expect(await titles(owner, 'garden', '&types=project')).toEqual(['Garden']);
    expect((await titles(owner, 'garden', '&types=project,task')).sort()).toEqual([
      'Bury a rocket in the garden',
      'Garden',
    ]);
    expect(await titles(owner, 'rocket', `&projectId=${garden.id}`)).toEqual(['Bury a rocket in the garden']);
    expect(await titles(owner, 'garden', '&types=task&types[in]=task,project')).toEqual([
      'Bury a rocket in the garden',
    ]);
    expect(await titles(owner, 'garden', '&types=task&types[in]=project,comment')).toEqual([]);
    expect(await titles(owner, 'rocket', `&projectId=${garden.id}&projectId[in]=${orbit.id}`)).toEqual([]);
    expect(expectStatus(await mia.get('/search'), 400).error.details[0]!.pointer).toBe('?q');
    for (const more of ['types=user', 'types[neq]=task', 'status=todo', 'filter={}'])
      expectStatus(await mia.get(`/search?q=x&${encodeURI(more)}`), 400);
  });
});

describe('what somebody may not see', () => {
  it('is not found, however it is looked for', async () => {
    expect(await titles(mia, 'garden')).toEqual([]);
    expect(await titles(mia, 'gardne')).toEqual([]);
    expect(await titles(mia, 'rocket', `&projectId=${garden.id}`)).toEqual([]);
    expect(await titles(acme.owner, 'gardne')).toHaveLength(2);
    const { meta } = expectStatus(await mia.get('/search?q=rocket&count=true'), 200);
    expect(meta.total).toBe(3);
  });

  it('is another organisation’s, with the same words', async () => {
    const other = await signUp(app);
    expect(await titles(other.owner, 'rocket')).toEqual([]);
    await other.task((await other.project('Theirs')).id, { title: 'Another rocket' });
    expect(await titles(other.owner, 'rocket')).toEqual(['Another rocket']);
    expect(await titles(acme.owner, 'another')).toEqual([]);
  });

  it('is a task of others, for those who see only their own', async () => {
    const { owner } = acme;
    const role = {
      key: 'own-work',
      name: 'Own work',
      level: 10,
      grants: ['task.read:assignee', 'task.update:assignee'],
    };
    expectStatus(await owner.post('/roles', role), 201);
    const theo = await acme.join('Theo', 'own-work');
    expectStatus(await owner.post(`/projects/${garden.id}/members`, { userId: theo.id, role: 'viewer' }), 201);
    const seen = (await theo.get('/tasks?limit=100')).data.map((task: any) => task.title);
    expect((await titles(theo, 'rocket')).sort()).toEqual(seen.filter((title: string) => /rocket/i.test(title)).sort());
  });
});

describe('a comment', () => {
  it('is found by its words, under the title of its task, as long as both are there', async () => {
    const task = await acme.task(orbit.id, { title: 'Talk' });
    const comment = expectStatus(await mia.post(`/tasks/${task.id}/comments`, { body: 'A gyroscope!' }), 201).data;
    const [found] = await find(mia, 'gyroscope');
    expect(found).toMatchObject({ type: 'comment', id: comment.id, taskId: task.id, projectId: orbit.id });
    expect([found.title.text, marked(found.snippet)]).toEqual(['Talk', ['gyroscope']]);
    expectStatus(await mia.patch(`/comments/${comment.id}`, { body: 'A compass!' }), 200);
    expect(await titles(mia, 'gyroscope')).toEqual([]);
    expect(await titles(mia, 'compass')).toEqual(['Talk']);
    expectStatus(await acme.owner.delete(`/tasks/${task.id}`), 204);
    expect(await titles(mia, 'compass')).toEqual([]);
    expectStatus(await acme.owner.post(`/tasks/${task.id}/restoration`), 200);
    expect(await titles(mia, 'compass')).toEqual(['Talk']);
    expectStatus(await mia.delete(`/comments/${comment.id}`), 204);
    expect(await titles(mia, 'compass')).toEqual([]);
  });
});

describe('what is put away', () => {
  it('is found as long as it is not deleted', async () => {
    const attic = await acme.project('Attic');
    await acme.task(attic.id, { title: 'An old harmonium' });
    expectStatus(await acme.owner.put(`/projects/${attic.id}/archive`), 200);
    expect((await titles(acme.owner, 'harmonium')).length).toBe(1);
    expectStatus(await acme.owner.delete(`/projects/${attic.id}`), 204);
    expect(await titles(acme.owner, 'harmonium or attic')).toEqual([]);
  });

  it('is not found by its former words', async () => {
    const task = await acme.task(orbit.id, { title: 'A quokka' });
    expectStatus(await acme.owner.patch(`/tasks/${task.id}`, { title: 'A wombat', tags: ['marsupial'] }), 200);
    expect(await titles(mia, 'quokka')).toEqual([]);
    expect(await titles(mia, 'marsupial wombat')).toEqual(['A wombat']);
  });
});

describe('the pages of a search', () => {
  it.each([
    ['cassette', 'words'],
    ['casestte', 'similar'],
  ])('of %s go through everything once', async (word, match) => {
    const project = await acme.project(`Tapes ${match}`, [[mia, 'member']]);
    const made = [];
    for (let i = 0; i < 7; i++)
      made.push((await acme.task(project.id, { title: `Cassette ${'and more '.repeat(i)}` })).id);
    const seen: string[] = [];
    let cursor = '';
    do {
      const path = `/search?q=${word}&types=task&projectId=${project.id}&limit=2${cursor && `&after=${cursor}`}`;
      const { data, meta } = expectStatus(await mia.get(path), 200);
      expect(data.every((each: any) => each.match === match)).toBe(true);
      seen.push(...data.map((each: any) => each.id));
      cursor = meta.nextCursor ?? '';
    } while (cursor);
    expect([...seen].sort()).toEqual([...made].sort());
  });

  it('belong to their words and their organisation', async () => {
    const { nextCursor } = expectStatus(await mia.get('/search?q=rocket&limit=1'), 200).meta;
    expectStatus(await mia.get(`/search?q=paint&limit=1&after=${nextCursor}`), 400);
    expectStatus(await mia.get(`/search?q=rocket&limit=1&after=s.${nextCursor}`), 400);
    const other = await signUp(app);
    expect(expectStatus(await other.owner.get(`/search?q=rocket&after=${nextCursor}`), 400).error.code).toBe(
      'invalid_cursor',
    );
    expectStatus(await mia.get(`/search?q=rocket&limit=1&after=${nextCursor}`), 200);
  });
});

describe('a list that takes words', () => {
  it('holds what has them, besides its other filters', async () => {
    const list = async (path: string) => expectStatus(await mia.get(path), 200).data;
    expect(await list('/tasks?q=rocket&sort=title')).toHaveLength(3);
    expect(await list('/tasks?q=rocket&tags=urgent')).toHaveLength(1);
    expect(await list(`/projects/${orbit.id}/tasks?q=roc`)).toHaveLength(3);
    expect(await list('/projects?q=orb')).toHaveLength(1);
    expect(await list('/projects?q=garden')).toHaveLength(0);
    expectStatus(await mia.get('/tasks?q='), 400);
    expectStatus(await mia.get('/users?q=mia'), 400);
  });

  it('has pages that belong to its words', async () => {
    const { nextCursor } = expectStatus(await mia.get('/tasks?q=rocket&limit=1'), 200).meta;
    for (const words of ['&q=paint', '']) {
      const answer = expectStatus(await mia.get(`/tasks?limit=1&after=${nextCursor}${words}`), 400);
      expect(answer.error.code).toBe('invalid_cursor');
    }
    expect(expectStatus(await mia.get(`/tasks?q=rocket&limit=1&after=${nextCursor}`), 200).data).toHaveLength(1);
  });
});

describe('the language of an organisation', () => {
  it('decides about the forms of words, at once for what is written and soon for what is there', async () => {
    const haus = await signUp(app);
    const { owner } = haus;
    const project = await haus.project('Haus');
    const task = await haus.task(project.id, { title: 'Die Häuser streichen', description: 'Alle Türen' });
    expectStatus(await owner.post(`/tasks/${task.id}/comments`, { body: 'Mit vielen Farben' }), 201);
    expect(await exact(owner, 'haus ')).toEqual(['Haus']);
    expect(expectStatus(await owner.get('/search/settings'), 200).data).toMatchObject({
      language: 'english',
      pending: 0,
    });
    expect(expectStatus(await owner.put('/search/settings', { language: 'german' }), 200).data.language).toBe('german');
    await haus.task(project.id, { title: 'Neue Bäume' });
    expect(await exact(owner, 'baum ')).toEqual(['Neue Bäume']);
    await eventually(async () => {
      expect((await owner.get('/search/settings')).data.pending).toBe(0);
      expect((await exact(owner, 'haus ')).sort()).toEqual(['Die Häuser streichen', 'Haus']);
      expect(await titles(owner, 'farbe')).toEqual(['Die Häuser streichen']);
    });
    const { data } = expectStatus(await owner.get('/tenants/current/audit-log?action=search.language_changed'), 200);
    expect(data).toHaveLength(1);
  });

  it('reaches what somebody was writing meanwhile, when it is said again', async () => {
    const late = await signUp(app);
    const { id } = await late.task((await late.project('Late')).id, { title: 'Draft' });
    const sql = await sqlOf(app, late);
    const [{ schema }] = (await sql(`SELECT schema_name AS schema FROM public.tenants WHERE slug = $1`, late.slug)) as [
      any,
    ];
    const writer = new pg.Client({ connectionString: app.database.url });
    await writer.connect();
    try {
      await writer.query(
        `BEGIN; SET LOCAL search_path = extensions; UPDATE "${schema}".tasks SET title = 'Häuser' WHERE id = '${id}'`,
      );
      const settings = async (method: 'get' | 'put') =>
        expectStatus(
          await (method === 'get'
            ? late.owner.get('/search/settings')
            : late.owner.put('/search/settings', { language: 'german' })),
          200,
        ).data;
      await settings('put');
      // Only what the writer holds is left.
      await eventually(async () => expect((await settings('get')).pending).toBe(1));
      await writer.query('COMMIT');
      await settings('put');
      await eventually(async () => expect((await settings('get')).pending).toBe(0));
      expect(await exact(late.owner, 'haus ')).toEqual(['Häuser']);
    } finally {
      await writer.end();
    }
  });

  it('is one that the database knows, and set by whoever may change the organisation', async () => {
    expectStatus(await acme.owner.put('/search/settings', { language: 'klingon' }), 400);
    expectStatus(await mia.put('/search/settings', { language: 'german' }), 403);
    expectStatus(await acme.owner.put('/search/settings', { language: 'french' }, { 'if-match': '"9"' }), 412);
  });
});
