import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import { Secret, TOTP } from 'otpauth';
import { Cache } from '../../src/platform/cache/cache.ts';
import { News } from '../../src/platform/cache/news.ts';
import { TenantContexts } from '../../src/platform/tenancy/tenant-contexts.ts';
import { ActorsService } from '../../src/sessions/actors.service.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORD, signUp, type Person, type TestTenant } from '../support/tenant.ts';

/** The product's own value: what is not invalidated here would stay for minutes. */
const settings = { ACTOR_CACHE_SECONDS: '300' };

let one: TestApp;
let two: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  one = await startApp({ settings: { ...settings, WORKER: 'false' } });
  two = await startApp({ database: one.database, settings });
  acme = await signUp(one);
  await eventually(async () => {
    expect([one, two].map((app) => app.nest.get(News).isComplete)).toEqual([true, true]);
  });
});
afterEach(() => void jest.restoreAllMocks());
afterAll(async () => {
  await two.stop();
  await one.stop();
});

/** The person at the second instance. */
const there = (person: Person) => new Client(two.url).as(person.accessToken);

/** Who the second instance takes the person for. */
async function actorThere({ accessToken }: Person) {
  const { sub, sid } = decodeJwt<{ sid: string }>(accessToken);
  const tenant = await two.nest.get(TenantsService).getBySlug(acme.slug);
  const ctx = await two.nest.get(TenantContexts).open(tenant);
  return two.nest.get(ActorsService).find(ctx, sub!, sid);
}

const rolesThere = async (person: Person) => (await actorThere(person))?.projectRoles;

/** What the second instance answers about the person before and after each change that is made at the first. */
type Change = [change: () => Promise<unknown>, after: unknown];

interface Story {
  seen: () => Promise<unknown>;
  before: unknown;
  changes: Change[];
}

const statusOf = (person: Person, path: string) => async () => (await there(person).get(path)).status;
const ok = (answer: Promise<{ status: number }>) =>
  answer.then(({ status }) => expect([200, 201, 204]).toContain(status));

const STORIES: Record<string, () => Promise<Story>> = {
  'a session that its person ends': async () => {
    const mike = await acme.join('Mike', 'member');
    const end = () => ok(mike.post('/auth/logout', { refreshToken: mike.refreshToken }));
    return { seen: statusOf(mike, '/users/me'), before: 200, changes: [[end, 401]] };
  },
  'sessions that somebody else ends': async () => {
    const mike = await acme.join('Mike', 'member');
    const end = () => ok(acme.owner.delete(`/users/${mike.id}/sessions`));
    return { seen: statusOf(mike, '/users/me'), before: 200, changes: [[end, 401]] };
  },
  'a sign-in that is shown to be fresh again': async () => {
    const mike = await acme.join('Mike', 'member');
    const first = (await actorThere(mike))!.authenticatedAt!.getTime();
    const seen = async () => (await actorThere(mike))!.authenticatedAt!.getTime() > first;
    const prove = () => ok(mike.post('/auth/reauthenticate', { password: PASSWORD }));
    return { seen, before: false, changes: [[prove, true]] };
  },
  'an account that is deactivated': async () => {
    const mike = await acme.join('Mike', 'member');
    const end = () => ok(acme.owner.patch(`/users/${mike.id}`, { active: false }));
    return { seen: statusOf(mike, '/users/me'), before: 200, changes: [[end, 401]] };
  },
  'an account that is deleted': async () => {
    const mike = await acme.join('Mike', 'member');
    const end = () => ok(acme.owner.delete(`/users/${mike.id}`));
    return { seen: statusOf(mike, '/users/me'), before: 200, changes: [[end, 401]] };
  },
  'roles that are taken and given': async () => {
    const mike = await acme.join('Mike', 'admin');
    const give = (role: string) => () => ok(acme.owner.put(`/users/${mike.id}/roles`, { roles: [role] }));
    const changes: Change[] = [
      [give('guest'), 403],
      [give('admin'), 200],
    ];
    return { seen: statusOf(mike, '/tenants/current/audit-log'), before: 200, changes };
  },
  'what a role permits': async () => {
    const role = { key: 'auditor', name: 'Auditor', level: 15, grants: ['audit.read'] };
    const { id } = expectStatus(await acme.owner.post('/roles', role), 201).data;
    const mike = await acme.join('Mike', 'auditor');
    const end = () => ok(acme.owner.patch(`/roles/${id}`, { grants: ['task.read'] }));
    return { seen: statusOf(mike, '/tenants/current/audit-log'), before: 200, changes: [[end, 403]] };
  },
  'second factors that the organisation asks for, and that the person sets up and removes': async () => {
    // Its owner has none either, and so cannot go back.
    const strict = await signUp(one);
    const mike = await strict.join('Mike', 'member');
    const policy = (secondFactor: string) => () =>
      ok(strict.owner.patch('/tenants/current/security', { secondFactor }));
    const confirm = async () => {
      const { secret } = expectStatus(await mike.post('/auth/mfa/totp'), 200).data;
      const code = new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30 }).generate();
      await ok(mike.post('/auth/mfa/totp/confirm', { code }));
    };
    const changes: Change[] = [
      [policy('required'), 403],
      [confirm, 200],
      [() => ok(mike.delete('/auth/mfa/totp')), 403],
    ];
    return { seen: statusOf(mike, '/projects'), before: 200, changes };
  },
  'the membership of a project': async () => {
    const mike = await acme.join('Mike', 'guest');
    const { id } = await acme.project('Apollo');
    const path = `/projects/${id}/members`;
    const changes: Change[] = [
      [() => ok(acme.owner.post(path, { userId: mike.id, role: 'viewer' })), ['viewer']],
      [() => ok(acme.owner.patch(`${path}/${mike.id}`, { role: 'member' })), ['member']],
      [() => ok(acme.owner.delete(`${path}/${mike.id}`)), []],
      [() => ok(acme.owner.patch(`/projects/${id}`, { ownerId: mike.id })), ['manager']],
    ];
    return { seen: () => rolesThere(mike), before: [], changes };
  },
  'a project of one’s own': async () => {
    const mike = await acme.join('Mike', 'manager');
    const change = () => ok(mike.post('/projects', { name: 'Gemini' }));
    return { seen: () => rolesThere(mike), before: [], changes: [[change, ['manager']]] };
  },
  'the membership of a team, and the projects of the team': async () => {
    const mike = await acme.join('Mike', 'guest');
    const { id: project } = await acme.project('Apollo');
    const { id: team } = expectStatus(await acme.owner.post('/teams', { name: `Team ${project}` }), 201).data;
    const member = `/teams/${team}/members`;
    const given = `/projects/${project}/teams/${team}`;
    const changes: Change[] = [
      [() => ok(acme.owner.put(given, { role: 'viewer' })), []],
      [() => ok(acme.owner.post(member, { userId: mike.id })), ['viewer']],
      [() => ok(acme.owner.put(given, { role: 'member' })), ['member']],
      [() => ok(acme.owner.delete(given)), []],
      [() => ok(acme.owner.put(given, { role: 'manager' })), ['manager']],
      [() => ok(acme.owner.delete(`${member}/${mike.id}`)), []],
      [() => ok(acme.owner.post(member, { userId: mike.id })), ['manager']],
      [() => ok(acme.owner.delete(`/teams/${team}`)), []],
    ];
    return { seen: () => rolesThere(mike), before: [], changes };
  },
};

describe('another instance', () => {
  it.each(Object.keys(STORIES))('judges by what is, within a second, after a change of %s', async (name) => {
    const { seen, before, changes } = await STORIES[name]!();
    expect(await seen()).toEqual(before);
    for (const [change, after] of changes) {
      await change();
      await eventually(async () => expect(await seen()).toEqual(after));
    }
  });

  it('hears of it from the events when the instance of the change ended right after the commit', async () => {
    const mike = await acme.join('Mike', 'admin');
    const seen = statusOf(mike, '/tenants/current/audit-log');
    expect(await seen()).toBe(200);
    jest.spyOn(one.nest.get(Cache), 'forget').mockResolvedValue(undefined);
    expectStatus(await acme.owner.put(`/users/${mike.id}/roles`, { roles: ['guest'] }), 200);
    await eventually(async () => expect(await seen()).toBe(403));
  });

  it('asks nothing of the database about a person whom it knows', async () => {
    const mike = await acme.join('Mike', 'member');
    // What was announced when they came is heard once more, some moments later.
    await eventually(async () => {
      const first = await actorThere(mike);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(await actorThere(mike)).toBe(first);
    }, 20_000);
  });

  it('turns away a session that has come to its end, although it knows the person', async () => {
    const mike = await acme.join('Mike', 'member');
    expect(await actorThere(mike)).not.toBeNull();
    const now = Date.now.bind(Date);
    const isDue = now() + 91 * 86_400_000;
    const actors = two.nest.get(Cache);
    const kept = actors.getOrLoad.bind(actors);
    jest.spyOn(actors, 'getOrLoad').mockImplementation(async (...args) => {
      const row = await kept(...args);
      jest.spyOn(Date, 'now').mockReturnValue(isDue);
      return row;
    });
    expect(await actorThere(mike)).toBeNull();
  });
});
