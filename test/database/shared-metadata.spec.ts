import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { In, type MigrationInterface, type QueryRunner } from 'typeorm';
import type { TenantDataSource } from '../../src/platform/database/tenant-data-source.ts';
import { startEngine, type Engine, type EngineTenant } from '../support/engine.ts';
import { Author, Book, library, libraryMigrations, Page, Tag } from './library.ts';

/**
 * All tenants share the metadata of the template, and nothing else of it. Here the template is trapped: whatever an
 * upgrade of TypeORM begins to use of it, instead of the tenant's own handle, turns these tests red.
 */
const ALLOWED_READS = new Set(['options']);

class Readers1700000000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "@tenant".authors ADD readers integer NOT NULL DEFAULT 0`);
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "@tenant".authors DROP readers`);
  }
}

let engine: Engine;
let acme: EngineTenant;
let globex: EngineTenant;
const statements = new Map<string, string[]>();
const reads = new Set<string>();
const trapped = (what: string): never => {
  throw new Error(`the template's ${what} was used: a tenant's statement would lose its tenant`);
};

beforeAll(async () => {
  engine = await startEngine({
    entities: library,
    migrations: libraryMigrations,
    onStatement: (text, _, { schema }) => statements.set(schema, [...(statements.get(schema) ?? []), text]),
  });
  [acme, globex] = (await engine.tenants(2)) as [EngineTenant, EngineTenant];
  trap();
});
afterAll(() => engine.stop());

function trap(): void {
  const { template } = engine;
  for (const metadata of template.entityMetadatas) {
    const { dataSource } = metadata;
    expect(dataSource).toBe(template);
    const watched = new Proxy(dataSource, {
      get: (target, property) => {
        reads.add(String(property));
        return Reflect.get(target, property, target);
      },
      set: (_, property) => trapped(`${String(property)} (written)`),
    });
    Object.defineProperty(metadata, 'dataSource', { get: () => watched });
  }
  const own = [
    'driver',
    'manager',
    'logger',
    'relationLoader',
    'relationIdLoader',
    'queryResultCache',
    'subscribers',
    'migrations',
  ];
  const inherited = [
    'createQueryRunner',
    'createEntityManager',
    'createQueryBuilder',
    'query',
    'sql',
    'transaction',
    'getRepository',
  ];
  for (const property of [...own, ...inherited]) {
    expect(property in template).toBe(true);
    Object.defineProperty(template, property, { get: () => trapped(property) });
  }
}

type Story = (database: TenantDataSource, label: string) => Promise<unknown>;

/** Runs for both tenants at the same time; what comes out must differ in nothing but the label. */
async function tellBoth(story: Story): Promise<unknown> {
  const [ours, theirs] = await Promise.all([story(acme.database, 'acme'), story(globex.database, 'globex')]);
  const text = JSON.stringify(ours);
  expect(text).not.toContain('globex');
  expect(JSON.parse(text.replaceAll('acme', 'globex'))).toEqual(JSON.parse(JSON.stringify(theirs)));
  return ours;
}

async function write(database: TenantDataSource, title: string, tags: string[] = []): Promise<Book> {
  const { manager } = database;
  const pages = [1, 2, 3].map((number) => manager.create(Page, { number }));
  return manager.save(manager.create(Book, { title, pages, tags: tags.map((name) => manager.create(Tag, { name })) }));
}

const numbersOf = (book: Book) => book.pages.map(({ number }) => number).sort();
const namesOf = (book: Book) => book.tags.map(({ name }) => name).sort();

describe('with the template trapped, two tenants', () => {
  it('save whole trees by cascade, and find them through relations and joins', async () => {
    const found = await tellBoth(async ({ manager }, label) => {
      const author = manager.create(Author, {
        name: `Ada of ${label}`,
        books: [
          manager.create(Book, {
            title: `First of ${label}`,
            pages: [manager.create(Page, { number: 1 })],
            tags: [manager.create(Tag, { name: `t-${label}` })],
          }),
          manager.create(Book, { title: `Second of ${label}`, pages: [], tags: [] }),
        ],
      });
      await manager.save(author);
      const { id } = author;
      const relations = { books: { pages: true, tags: true } };
      const [joined, queried] = await Promise.all(
        (['join', 'query'] as const).map((relationLoadStrategy) =>
          manager.findOneOrFail(Author, { where: { id }, relations, relationLoadStrategy }),
        ),
      );
      const built = await manager
        .createQueryBuilder(Author, 'author')
        .innerJoinAndSelect('author.books', 'book')
        .leftJoinAndSelect('book.tags', 'tag')
        .loadRelationIdAndMap('book.pageIds', 'book.pages')
        .where('tag.name = :name', { name: `t-${label}` })
        .getMany();
      const byRelation = await manager.findBy(Book, { author: { name: `Ada of ${label}` } });
      return {
        ways: [joined!, queried!].map(({ name, books }) => [
          name,
          ...books.map((book) => [book.title, numbersOf(book), namesOf(book)]).sort(),
        ]),
        built: built.map(({ books }) =>
          books.map(({ title, ...rest }) => [title, (rest as { pageIds?: string[] }).pageIds?.length]),
        ),
        byRelation: byRelation.map(({ title }) => title).sort(),
        counts: [await manager.count(Book), await manager.countBy(Tag, { name: `t-${label}` })],
      };
    });
    const tree = ['Ada of acme', ['First of acme', [1], ['t-acme']], ['Second of acme', [], []]];
    expect(found).toEqual({
      ways: [tree, tree],
      built: [[['First of acme', 1]]],
      byRelation: ['First of acme', 'Second of acme'],
      counts: [2, 1],
    });
  });

  it('change and remove parts of a tree by cascade', async () => {
    const left = await tellBoth(async (database, label) => {
      const { manager } = database;
      const book = await write(database, `Cascade of ${label}`, ['x', 'y']);
      book.title = `Changed of ${label}`;
      book.pages = book.pages.filter(({ number }) => number !== 2);
      book.pages[0]!.number = 9;
      book.pages.push(manager.create(Page, { number: 7 }));
      book.tags = [book.tags[0]!, manager.create(Tag, { name: 'z' })];
      await manager.save(book);
      const changed = await manager.findOneOrFail(Book, {
        where: { id: book.id },
        relations: { pages: true, tags: true },
      });
      await manager.remove(await manager.findOneByOrFail(Book, { id: book.id }));
      return {
        title: changed.title,
        pages: numbersOf(changed),
        tags: namesOf(changed),
        version: changed.version,
        left: await manager.countBy(Page, { book: { id: book.id } }),
      };
    });
    expect(left).toEqual({ title: 'Changed of acme', pages: [3, 7, 9], tags: ['x', 'z'], version: 2, left: 0 });
  });

  it('keep many-to-many relations, also by their query builder', async () => {
    const names = await tellBoth(async (database, label) => {
      const book = await write(database, `Tags of ${label}`, [`one-${label}`]);
      const { manager } = database;
      await manager.save([`two-${label}`, `three-${label}`].map((name) => manager.create(Tag, { name })));
      const relation = () => manager.createQueryBuilder().relation(Book, 'tags').of(book);
      await relation().add([`two-${label}`, `three-${label}`]);
      await relation().remove(`one-${label}`);
      const loaded = await relation().loadMany<Tag>();
      const back = await manager.findOneOrFail(Tag, { where: { name: `two-${label}` }, relations: { books: true } });
      await manager.createQueryBuilder().relation(Page, 'book').of(book.pages[0]).set(book);
      return [loaded.map(({ name }) => name).sort(), back.books.map(({ title }) => title)];
    });
    expect(names).toEqual([['three-acme', 'two-acme'], ['Tags of acme']]);
  });

  it('select, insert, update and delete by query builder', async () => {
    const outcome = await tellBoth(async ({ manager }, label) => {
      const inserted = await manager
        .createQueryBuilder()
        .insert()
        .into(Tag)
        .values([{ name: `a-${label}` }, { name: `b-${label}` }])
        .returning('name')
        .execute();
      const names = [`a-${label}`, `b-${label}`];
      const updated = await manager
        .createQueryBuilder()
        .update(Tag)
        .set({ uses: () => 'uses + 5' })
        .whereInIds(names)
        .execute();
      const selected = await manager
        .createQueryBuilder(Tag, 'tag')
        .select('tag.name', 'name')
        .addSelect((query) => query.select('count(*)').from(Tag, 'other').where('other.uses = tag.uses'), 'same')
        .where('tag.name IN (:...names)', { names })
        .orderBy('tag.name')
        .getRawMany();
      const paged = await manager
        .createQueryBuilder(Tag, 'tag')
        .leftJoinAndSelect('tag.books', 'book')
        .where({ name: In(names) })
        .orderBy('tag.name', 'DESC')
        .take(1)
        .getManyAndCount();
      const deleted = await manager
        .createQueryBuilder()
        .delete()
        .from(Tag)
        .where({ name: In(names) })
        .execute();
      return {
        inserted: inserted.raw as unknown,
        updated: updated.affected,
        selected,
        paged,
        deleted: deleted.affected,
      };
    });
    expect(outcome).toMatchObject({
      inserted: [{ name: 'a-acme' }, { name: 'b-acme' }],
      updated: 2,
      selected: [
        { name: 'a-acme', same: '2' },
        { name: 'b-acme', same: '2' },
      ],
      paged: [[{ name: 'b-acme', uses: 5, books: [] }], 2],
      deleted: 2,
    });
  });

  it('delete softly, restore and upsert', async () => {
    const outcome = await tellBoth(async (database, label) => {
      const { manager } = database;
      const book = await write(database, `Soft of ${label}`);
      const there = () => manager.existsBy(Book, { id: book.id });
      const steps = [await there()];
      await manager.softRemove(await manager.findOneByOrFail(Book, { id: book.id }));
      steps.push(await there(), (await manager.find(Book, { where: { id: book.id }, withDeleted: true })).length === 1);
      await manager.restore(Book, book.id);
      steps.push(await there());
      await manager.softDelete(Book, book.id);
      steps.push(await there());
      const conflictPaths = ['name'];
      await manager.upsert(Tag, [{ name: `up-${label}`, uses: 1 }], { conflictPaths });
      await manager.upsert(Tag, [{ name: `up-${label}`, uses: 2 }, { name: `down-${label}`, uses: 3 }], { conflictPaths }); // prettier-ignore
      await manager.increment(Tag, { name: `up-${label}` }, 'uses', 40);
      await manager.delete(Tag, { name: `down-${label}` });
      return [steps, await manager.findOneBy(Tag, { name: `up-${label}` })];
    });
    expect(outcome).toEqual([[true, false, true, true, false], { name: 'up-acme', uses: 42 }]);
  });

  it('use transactions, savepoints and locks', async () => {
    const outcome = await tellBoth(async ({ manager }, label) => {
      const give = (name: string) => ({ name: `${name} of ${label}` });
      await manager.transaction('REPEATABLE READ', async (outer) => {
        await outer.insert(Author, give('outer'));
        await outer.transaction((inner) => inner.save(inner.create(Author, give('inner'))));
        await outer
          .transaction(async (inner) => {
            await inner.insert(Author, give('undone'));
            await inner.query('SELECT 1 / 0');
          })
          .catch(() => undefined);
        await outer.insert(Author, give('after'));
        await outer.findOne(Author, { where: give('outer'), lock: { mode: 'pessimistic_write' } });
      });
      await manager
        .transaction(async (tx) => {
          await tx.insert(Author, give('rolled back'));
          throw new Error('the caller gave up');
        })
        .catch(() => undefined);
      const names = ['outer', 'inner', 'undone', 'after', 'rolled back'].map((name) => give(name).name);
      return (await manager.find(Author, { where: { name: In(names) }, order: { name: 'ASC' } })).map(
        ({ name }) => name,
      );
    });
    expect(outcome).toEqual(['after of acme', 'inner of acme', 'outer of acme']);
  });

  it('are migrated while the other one works, and new handles are made meanwhile', async () => {
    const newer = await engine.version([...libraryMigrations, Readers1700000000003]);
    const work = (async () => {
      for (let turn = 0; turn < 30; turn += 1)
        await globex.database.manager.find(Author, { relations: { books: true } });
    })();
    const third = await engine.tenant();
    expect((await newer.migrate(acme.binding)).applied).toEqual(['Readers1700000000003']);
    await work;
    expect(await acme.database.query('SELECT sum(readers) AS readers FROM "@tenant".authors')).toEqual([
      { readers: '0' },
    ]);
    await expect(globex.database.query('SELECT readers FROM "@tenant".authors')).rejects.toThrow('does not exist');
    expect(await third.database.manager.find(Author)).toEqual([]);
  });
});

describe('what they sent to the server', () => {
  it('never held the placeholder or the schema of somebody else', () => {
    const schemas = [...statements.keys()];
    expect(schemas.length).toBe(3);
    for (const [schema, texts] of statements) {
      const named = new Set(texts.flatMap((text) => text.match(/t_[0-9a-f]{16}/g) ?? []));
      expect(named).toEqual(new Set([schema]));
      expect(texts.filter((text) => text.includes('@tenant'))).toEqual([]);
    }
  });

  it('were statements of every kind', () => {
    const texts = statements.get(acme.binding.schema)!;
    const kinds = new Set(texts.map((text) => text.replaceAll(acme.binding.schema, '')));
    expect(kinds.size).toBeGreaterThan(50);
    for (const kind of [
      /^SELECT.* JOIN /,
      /^INSERT.*RETURNING/,
      /ON CONFLICT/,
      /^UPDATE/,
      /^DELETE/,
      /FOR UPDATE/,
      /^SAVEPOINT/,
      /^ROLLBACK TO/,
    ]) {
      expect(texts.filter((text) => kind.test(text)).length).toBeGreaterThan(0);
    }
  });

  it('needed nothing of the template but its options', () => {
    expect([...reads].filter((property) => !ALLOWED_READS.has(property))).toEqual([]);
    expect(reads.size).toBeGreaterThan(0);
    expect(engine.template.options.type).toBe('postgres');
  });
});
