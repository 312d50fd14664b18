import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StatementRefused } from '../../src/platform/database/database.errors.ts';
import type { TenantBinding } from '../../src/platform/database/lease.ts';
import { TenantTemplate } from '../../src/platform/database/tenant-data-source.ts';
import { TenantDataSources } from '../../src/platform/database/tenant-data-sources.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { Author, library, libraryMigrations } from './library.ts';

const TENANTS = 300;
const HOMES = 4;
const HOME_SIZE = 3;

let engine: Engine;
let bindings: TenantBinding[];
beforeAll(async () => {
  engine = await startEngine({
    entities: library,
    migrations: libraryMigrations.slice(0, 1),
    homes: HOMES,
    home: { size: HOME_SIZE, patience: 20_000 },
  });
  bindings = [];
  while (bindings.length < TENANTS) bindings.push(await engine.schemas.provision());
}, 120_000);
afterAll(() => engine.stop());

const newCache = (capacity: number, template = engine.template) =>
  new TenantDataSources(template, engine.borrow, capacity);

async function openConnections(): Promise<number> {
  const { rows } = await engine.owner.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'projectflow home %'`,
  );
  return rows[0]!.open;
}

describe('the handle of a tenant', () => {
  it('is initialised once, however many ask for it first', async () => {
    const cache = newCache(10);
    const handles = await Promise.all(Array.from({ length: 200 }, () => cache.get(bindings[0]!)));
    expect(new Set(handles).size).toBe(1);
    expect(cache.stats).toEqual({ cached: 1, initialised: 1 });
    const answers = await Promise.all(handles.map((handle) => handle.manager.count(Author)));
    expect(new Set(answers)).toEqual(new Set([0]));
  });

  it('asks the server nothing when it is made', async () => {
    const before = await openConnections();
    const cache = new TenantDataSources(engine.template, () => Promise.reject(new Error('asked for a connection')), 10);
    for (const binding of bindings.slice(0, 10)) await cache.get(binding);
    expect(cache.stats).toEqual({ cached: 10, initialised: 10 });
    expect(await openConnections()).toBe(before);
  });

  it('that was used least falls out when there are too many, comes back, and works in both lives', async () => {
    const cache = newCache(3);
    const [first, ...others] = bindings.slice(0, 6) as [TenantBinding, ...TenantBinding[]];
    const before = await cache.get(first);
    const open = before.transaction(async (tx) => {
      await tx.insert(Author, { name: 'Ada' });
      for (const binding of others) await cache.get(binding);
      expect(cache.stats).toEqual({ cached: 3, initialised: 6 });
      await tx.insert(Author, { name: 'Grace' });
    });
    await open;
    const after = await cache.get(first);
    expect(after).not.toBe(before);
    expect(cache.stats).toEqual({ cached: 3, initialised: 7 });
    for (const handle of [before, after]) expect(await handle.manager.count(Author)).toBe(2);
    await cache.get(others.at(-1)!);
    expect(cache.stats.initialised).toBe(7);
  });

  it('is made anew after it was forgotten', async () => {
    const cache = newCache(3);
    const before = await cache.get(bindings[0]!);
    cache.forget(bindings[0]!.schema);
    expect(await cache.get(bindings[0]!)).not.toBe(before);
  });

  it('is not remembered when it could not be made, and says why', async () => {
    const template = new TenantTemplate(library);
    await template.initialize();
    const { entityMetadatas } = template;
    let failing = true;
    Object.defineProperty(template, 'entityMetadatas', {
      get: () => {
        if (failing) throw new Error('no metadata today');
        return entityMetadatas;
      },
    });
    const cache = newCache(10, template);
    const failures = await Promise.allSettled(Array.from({ length: 20 }, () => cache.get(bindings[1]!)));
    expect(new Set(failures.map((each) => (each.status === 'rejected' ? String(each.reason) : each.status)))).toEqual(
      new Set(['Error: no metadata today']),
    );
    expect(cache.stats).toEqual({ cached: 0, initialised: 1 });
    failing = false;
    const handle = await cache.get(bindings[1]!);
    expect(await handle.manager.count(Author)).toBe(0);
  });

  it('cannot be destroyed, and what runs on it goes on', async () => {
    const handle = await newCache(1).get(bindings[2]!);
    await handle.transaction(async (tx) => {
      await tx.insert(Author, { name: 'Ada' });
      await expect(handle.destroy()).rejects.toThrow(StatementRefused);
      await expect(handle.destroy()).rejects.toThrow(/forgotten, not destroyed/);
      await tx.insert(Author, { name: 'Grace' });
    });
    expect(await handle.manager.count(Author)).toBe(2);
  });
});

describe('three hundred tenants at once', () => {
  it('need no more connections than there are places', async () => {
    let most = 0;
    let running = true;
    const watch = async () => {
      while (running) most = Math.max(most, await openConnections());
    };
    const use = async (binding: TenantBinding): Promise<number> => {
      const { manager } = await engine.handles.get(binding);
      const name = `of ${binding.home}`;
      await Promise.all([manager.insert(Author, { name }), manager.transaction((tx) => tx.insert(Author, { name }))]);
      return manager.countBy(Author, { name });
    };
    const watching = watch();
    const counts = await Promise.all(bindings.map(use));
    running = false;
    await watching;
    expect(new Set(counts)).toEqual(new Set([2]));
    expect(engine.handles.stats.initialised).toBe(TENANTS);
    expect(most).toBeLessThanOrEqual(HOMES * HOME_SIZE);
    expect(most).toBeGreaterThan(HOMES);
    await eventually(async () => expect(engine.homes.stats()).toMatchObject({ waiting: 0 }));
    expect(engine.homes.stats().idle).toBe(engine.homes.stats().total);
  });

  it('are spread over all homes, each with a login of its own', async () => {
    const { rows } = await engine.owner.query<{ usename: string }>(
      `SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'projectflow home %'`,
    );
    const logins = Array.from({ length: HOMES }, (_, home) => engine.prepared.homeLogin(home));
    expect(new Set(rows.map((row) => row.usename))).toEqual(new Set(logins));
    const perHome = logins.map((_, home) => bindings.filter((binding) => binding.home === home).length);
    expect(Math.min(...perHome)).toBeGreaterThan(TENANTS / HOMES / 2);
  });
});
