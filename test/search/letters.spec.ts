import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let atlas: { id: string };

beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  mia = await acme.join('Mia', 'member');
  atlas = await acme.project('Atlas', [[mia, 'member']]);
});
afterAll(() => app.stop());

const find = async (words: string) =>
  expectStatus(await mia.get(`/search?q=${encodeURIComponent(words)}`), 200).data.filter(
    (each: any) => each.match === 'words',
  );
const titles = async (words: string): Promise<string[]> => (await find(words)).map((each: any) => each.title.text);
const marked = ({ text, marks }: any): string[] =>
  marks.map(({ start, length }: any) => text.slice(start, start + length));

describe('a text in a script without spaces', () => {
  const texts: [string, string, string[], string[]][] = [
    [
      'Chinese',
      '我家在上海东边。',
      ['上海', '海东', '我家在上海东边', '东边。', '家', '边'],
      ['海上', '东上海', '上海西'],
    ],
    ['traditional Chinese', '請檢查臺北車站的電梯', ['臺北', '北車站', '電梯'], ['臺南', '站電']],
    ['Japanese', 'データベースの移行を完了する', ['データ', 'ベース', '移行', '完了する'], ['行移', 'ースベ']],
    ['Korean', '서울에서 부산까지 배송', ['서울', '울에', '부산', '배송', '에서 부산'], ['산부']],
    ['Thai', 'ประชุมทีมที่กรุงเทพ', ['ประชุม', 'ทีม', 'กรุงเทพ'], ['เทพทีม']],
    [
      'mixed with Latin letters',
      '升级PostgreSQL数据库18版',
      ['数据', 'postgresql', '升级', '数据库 postgres'],
      ['据数'],
    ],
    ['beyond the basic plane', '𠮷野家で昼食', ['𠮷野', '野家', '昼食'], ['家𠮷']],
  ];

  it.each(texts)('in %s is found by any run of two letters, and by no other', async (_, title, found, missed) => {
    const { id } = await acme.task(atlas.id, { title });
    for (const words of [...found, `${found[0]} `, `"${found[0]}"`])
      expect([words, (await find(words)).map((each: any) => each.id)]).toEqual([words, [id]]);
    for (const words of missed) expect([words, await titles(words)]).toEqual([words, []]);
  });

  it('is found in descriptions, comments, tags and projects, titles before the rest', async () => {
    const described = await acme.task(atlas.id, { title: 'Notes', description: `${'前言。'.repeat(200)}苹果很好吃。` });
    const tagged = await acme.task(atlas.id, { title: 'Label', tags: ['大苹果'] });
    const titled = await acme.task(atlas.id, { title: '买苹果' });
    expectStatus(await mia.post(`/tasks/${tagged.id}/comments`, { body: '这个苹果坏了' }), 201);
    const all = await find('苹果');
    expect(all.map((each: any) => [each.type, each.taskId ?? each.id]).sort()).toEqual(
      [
        ['comment', tagged.id],
        ['task', described.id],
        ['task', tagged.id],
        ['task', titled.id],
      ].sort(),
    );
    expect(all[0].id).toBe(titled.id);
    const list = async (query: string) =>
      expectStatus(await mia.get(`/tasks?${query}`), 200).data.map((one: any) => one.id);
    expect((await list(`q=${encodeURIComponent('苹果')}`)).sort()).toEqual([described.id, tagged.id, titled.id].sort());
  });

  it('shows where the words stand, in titles and in the middle of long texts', async () => {
    await acme.task(atlas.id, {
      title: '香蕉和API香蕉',
      description: `${'很长的文字。'.repeat(300)}这里有香蕉。${'后面。'.repeat(99)}`,
    });
    const [hit] = await find('香蕉 api');
    expect(marked(hit.title)).toEqual(['香蕉', 'API', '香蕉']);
    expect(marked(hit.snippet)).toEqual(['香蕉']);
    expect([...hit.snippet.text].length).toBeLessThanOrEqual(160);
    const [latin] = await find('api');
    expect(marked(latin.title)).toEqual(['API']);
  });

  it('takes phrases, alternatives and exclusions', async () => {
    await acme.task(atlas.id, { title: '订单系统升级' });
    await acme.task(atlas.id, { title: '支付系统升级' });
    await acme.task(atlas.id, { title: '한국어 텍스트 검색' });
    expect(await titles('系统升级 -订单系')).toEqual(['支付系统升级']);
    expect((await titles('订单系 or 支付系')).sort()).toEqual(['支付系统升级', '订单系统升级'].sort());
    expect(await titles('"订单系统"')).toEqual(['订单系统升级']);
    expect(await titles('"한국어 텍스트"')).toEqual(['한국어 텍스트 검색']);
    expect(await titles('"텍스트 한국어"')).toEqual([]);
  });

  it('of the largest size is indexed whole', async () => {
    const letters = Array.from({ length: 49_990 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7_919) % 20_000)));
    const { id } = await acme.task(atlas.id, { title: 'Long', description: `${letters.join('')}鳳凰于飛` });
    expect((await find('鳳凰于飛')).map((each: any) => each.id)).toEqual([id]);
  });
});

describe('composed and decomposed letters', () => {
  it.each([
    ['Latin', 'Crème brûlée', 'brûlée'],
    ['Vietnamese', 'Đặt phòng khách sạn', 'phòng'],
    ['Cyrillic й', 'Новый проект', 'новый'],
    ['Hangul', '회의실 예약', '예약'],
    ['kana with marks', 'プログラムのテスト', 'プログラム'],
  ])('are one in searches: %s', async (_, title, word) => {
    const [composed, decomposed] = [title.normalize('NFC'), title.normalize('NFD')];
    const first = await acme.task(atlas.id, { title: composed });
    const second = await acme.task(atlas.id, { title: decomposed, description: `x ${decomposed}` });
    for (const form of ['NFC', 'NFD'])
      expect((await find(word.normalize(form))).map((each: any) => each.id).sort()).toEqual(
        [first.id, second.id].sort(),
      );
    const contains = async (form: string) =>
      expectStatus(
        await mia.get(`/projects/${atlas.id}/tasks?title[contains]=${encodeURIComponent(word.normalize(form))}`),
        200,
      ).data;
    for (const form of ['NFC', 'NFD']) expect(await contains(form)).toHaveLength(2);
  });

  it('are stored composed in names and titles', async () => {
    const name = 'Zoë Café'.normalize('NFD');
    const task = await acme.task(atlas.id, { title: name });
    expect(task.title).toBe(name.normalize('NFC'));
    const project = await acme.project(name);
    expect(expectStatus(await acme.owner.get(`/projects/${project.id}`), 200).data.name).toBe(name.normalize('NFC'));
    const body = { firstName: name, lastName: name };
    const person = expectStatus(await mia.patch('/users/me', body), 200).data;
    expect([person.firstName, person.lastName]).toEqual([name.normalize('NFC'), name.normalize('NFC')]);
  });

  it('are not composed out of runs of marks that no language has', async () => {
    for (const description of ['a' + '\u0301\u0323'.repeat(20_000), '\u0323'.repeat(31)]) {
      const answer = await acme.owner.post('/tasks', { projectId: atlas.id, title: 'Zalgo', description });
      expect([answer.status, answer.error.details[0]]).toMatchObject([
        400,
        { pointer: '/description', code: 'combining_marks' },
      ]);
    }
    await acme.task(atlas.id, { title: 'Thirty', description: `a${'\u0301'.repeat(30)}` });
  });

  it('are one in tags, and stored composed', async () => {
    const [composed, decomposed] = ['Café', 'Café'].map((each, i) => each.normalize(i === 0 ? 'NFC' : 'NFD')) as [
      string,
      string,
    ];
    const task = await acme.task(atlas.id, { title: 'Tagged', tags: [decomposed, composed] });
    expect(task.tags).toEqual([composed]);
    const changed = expectStatus(await acme.owner.patch(`/tasks/${task.id}`, { tags: { remove: [decomposed] } }), 200);
    expect(changed.data.tags).toEqual([]);
    expectStatus(await acme.owner.patch(`/tasks/${task.id}`, { tags: [decomposed] }), 200);
    for (const tag of [composed, decomposed])
      expect(expectStatus(await mia.get(`/tasks?tags=${encodeURIComponent(tag)}`), 200).data).toHaveLength(1);
  });
});

describe('a search of stop words alone', () => {
  beforeAll(async () => {
    await acme.task(atlas.id, { title: 'Do it now' });
    await acme.task(atlas.id, { title: 'The Who on tour' });
  });

  it.each([
    ['do it now', 'Do it now'],
    ['do it now ', 'Do it now'],
    ['"Do it now"', 'Do it now'],
    ['"The Who"', 'The Who on tour'],
    ['the who ', 'The Who on tour'],
    ['the Wh', 'The Who on tour'],
    ['"the who" tour', 'The Who on tour'],
  ])('finds the titles that hold them: %j', async (words, title) => {
    expect(await titles(words)).toContain(title);
  });

  it('finds no title that lacks one of them', async () => {
    expect(await titles('"the now"')).toEqual([]);
    expect(await titles('it who ')).toEqual([]);
    expect(await titles('-the ')).toEqual([]);
  });
});

describe('an exclusion of a word that the index holds as several', () => {
  it('excludes what has all of its parts beside each other, and nothing else', async () => {
    await acme.task(atlas.id, { title: 'Deploy APP-123' });
    await acme.task(atlas.id, { title: 'Deploy APP-456' });
    expect(await titles('deploy -APP-123')).toEqual(['Deploy APP-456']);
    expect((await titles('APP-123 or APP-456')).sort()).toEqual(['Deploy APP-123', 'Deploy APP-456']);
  });
});
