import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { FileStore } from '../../src/platform/files/file-store.ts';
import { drawing } from '../avatars/pictures.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { rowsOf } from '../support/rows-of.ts';
import { sqlOf } from '../support/sql.ts';
import { PASSWORD, signUp, type TestTenant } from '../support/tenant.ts';
import { formOf } from '../support/upload.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
});
afterAll(() => app.stop());

const assigneeOf = async (task: string) => expectStatus(await acme.owner.get(`/tasks/${task}`), 200).data.assigneeId;

describe('somebody who is deleted', () => {
  it('is found nowhere any more and cannot sign in, and their address is free', async () => {
    const max = await acme.join('Max', 'member');
    expectStatus(await max.get('/users/me'), 200);
    expectStatus(await acme.owner.delete(`/users/${max.id}`), 204);
    for (const path of ['', '/avatar', '/calendar', '/teams', '/permissions'])
      expect([path, (await acme.owner.get(`/users/${max.id}${path}`)).status]).toEqual([path, 404]);
    expect((await acme.owner.get('/users?limit=100')).data.map((user: any) => user.id)).not.toContain(max.id);
    await eventually(async () => expectStatus(await max.get('/users/me'), 401));
    expect((await acme.visitor.post('/auth/refresh', { refreshToken: max.refreshToken })).status).toBe(401);
    expect((await acme.visitor.post('/auth/login', { email: max.email, password: PASSWORD })).status).toBe(401);
    for (const answer of [
      await acme.owner.delete(`/users/${max.id}`),
      await acme.owner.patch(`/users/${max.id}`, { active: true }),
      await acme.owner.put(`/users/${max.id}/roles`, { roles: ['owner'] }),
    ])
      expect([answer.status, answer.error.code]).toEqual([404, 'user_not_found']);
    const again = { email: max.email, firstName: 'Max', lastName: 'Again' };
    expectStatus(await acme.owner.post('/users', again), 201);
  });

  it('stays readable in what they have written, under no name', async () => {
    const rosa = await acme.join('Rosalinde', 'member');
    const project = await acme.project('Diary', [[rosa, 'member']]);
    const task = expectStatus(await rosa.post('/tasks', { projectId: project.id, title: 'Told' }), 201).data;
    expectStatus(await rosa.patch(`/tasks/${task.id}`, { title: 'Told again' }), 200);
    expectStatus(await rosa.post(`/tasks/${task.id}/comments`, { body: 'I was here' }), 201);
    const comments = () => acme.owner.get(`/tasks/${task.id}/comments`);
    expect((await comments()).data[0]).toMatchObject({ authorId: rosa.id, authorName: 'Rosalinde Tester' });
    expectStatus(await acme.owner.delete(`/users/${rosa.id}`), 204);
    expect((await comments()).data[0]).toMatchObject({
      authorId: rosa.id,
      authorName: 'Deleted user',
      body: 'I was here',
    });
    const [change] = expectStatus(await acme.owner.get(`/tasks/${task.id}/history?field=title`), 200).data;
    expect(change).toMatchObject({ actorId: rosa.id, actorName: 'Deleted user', newValue: 'Told again' });
    expect(expectStatus(await acme.owner.get(`/tasks/${task.id}`), 200).data.reporterId).toBe(rosa.id);
    expectStatus(await acme.owner.patch(`/tasks/${task.id}`, { title: 'Changed by another' }), 200);
  });

  it('leaves nothing of whom they were but in the record of who did what', async () => {
    const globex = await signUp(app);
    const [lea, mate] = [await globex.join('Leander', 'member'), await globex.join('Mate', 'member')];
    const [project, team] = [
      await globex.project('Work', [[lea, 'member']]),
      expectStatus(await globex.owner.post('/teams', { name: 'Crew' }), 201).data,
    ];
    const sql = await sqlOf(app, globex);
    const profile = { title: 'Leander’s title', timeZone: 'Europe/Oslo', locale: 'nb-NO' };
    expectStatus(await lea.patch('/users/me', profile), 200);
    expectStatus(
      await lea.call('PUT', '/users/me/avatar', { body: formOf(await drawing(9, 9).png().toBuffer()) }),
      200,
    );
    expectStatus(await lea.post('/auth/api-keys', { name: 'Build', scopes: ['project.read:member'] }), 201);
    expectStatus(await globex.owner.post(`/teams/${team.id}/members`, { userId: lea.id }), 201);
    const off = { kind: 'sick', from: '2026-06-01', to: '2026-06-02', note: 'Leander is ill' };
    expectStatus(await lea.post(`/users/${lea.id}/time-off`, off), 201);
    expectStatus(await globex.owner.delete(`/users/${lea.id}?reassignTo=${mate.id}`), 204);
    const kept = async (table: string, column = 'user_id') =>
      (await sql(`SELECT count(*)::int AS n FROM "@tenant".${table} WHERE ${column} = $1`, lea.id))[0].n;
    await eventually(async () => {
      for (const table of ['credentials', 'tokens', 'team_members', 'project_members', 'time_off'])
        expect([table, await kept(table)]).toEqual([table, 0]);
      const [{ open }] = await sql(
        `SELECT (SELECT count(*) FROM "@tenant".sessions WHERE user_id = $1 AND revoked_at IS NULL)
              + (SELECT count(*) FROM "@tenant".api_keys WHERE user_id = $1 AND revoked_at IS NULL) AS open`,
        lea.id,
      );
      expect(open).toBe('0');
      expect(await app.nest.get(FileStore).sizeOf(globex.id)).toBe(0);
    });
    const { rows } = await app.owner.query('SELECT schema_name FROM public.tenants WHERE id = $1', [globex.id]);
    const { audit_events: _record, ...tables } = await rowsOf(app.owner, rows[0].schema_name);
    const told = Object.entries(tables).filter(([, all]) => all.some((row) => /leander|oslo/i.test(row)));
    expect(told.map(([name]) => name)).toEqual([]);
    expect(expectStatus(await globex.owner.get(`/projects/${project.id}/members`), 200).data).toHaveLength(1);
  });
});

describe('what was theirs', () => {
  it('becomes nobody’s when nobody is named: open tasks, and not what is done', async () => {
    const ben = await acme.join('Ben', 'member');
    const project = await acme.project('Loose ends', [[ben, 'member']]);
    const open = await acme.task(project.id, { assigneeId: ben.id });
    const done = await acme.task(project.id, { assigneeId: ben.id, status: 'done' });
    expectStatus(await acme.owner.delete(`/users/${ben.id}`), 204);
    await eventually(async () => expect(await assigneeOf(open.id)).toBeNull());
    expect(await assigneeOf(done.id)).toBe(ben.id);
  });

  it('goes to whoever is named: projects with their ownership, and open tasks wherever they are', async () => {
    const [carl, dora] = [await acme.join('Carl', 'manager'), await acme.join('Dora', 'member')];
    const own = expectStatus(await carl.post('/projects', { name: 'Of Carl' }), 201).data;
    const guest = await acme.project('Of another', [[carl, 'member']]);
    const team = expectStatus(await acme.owner.post('/teams', { name: 'Carl’s team' }), 201).data;
    const through = await acme.project('Through a team');
    expectStatus(await acme.owner.post(`/teams/${team.id}/members`, { userId: carl.id }), 201);
    expectStatus(await acme.owner.put(`/projects/${through.id}/teams/${team.id}`, { role: 'member' }), 200);
    const tasks = await Promise.all([own, guest, through].map(({ id }) => acme.task(id, { assigneeId: carl.id })));
    expectStatus(await acme.owner.delete(`/users/${carl.id}?reassignTo=${dora.id}`), 204);
    await eventually(async () => {
      for (const task of tasks) expect(await assigneeOf(task.id)).toBe(dora.id);
      expect(expectStatus(await acme.owner.get(`/projects/${own.id}`), 200).data.ownerId).toBe(dora.id);
    });
    const member = expectStatus(await acme.owner.get(`/projects/${own.id}/members/${dora.id}`), 200).data;
    expect(member.role).toBe('manager');
    expect(expectStatus(await acme.owner.get(`/projects/${guest.id}/members/${dora.id}`), 200).data.role).toBe(
      'member',
    );
    await eventually(async () => expectStatus(await dora.get(`/tasks/${tasks[1]!.id}`), 200));
  });

  it('has to go to somebody when they own a project, and the refusal names it', async () => {
    const emil = await acme.join('Emil', 'manager');
    const { id } = expectStatus(await emil.post('/projects', { name: 'Emil’s own' }), 201).data;
    expect(await acme.owner.delete(`/users/${emil.id}`)).toMatchObject({
      status: 409,
      error: {
        code: 'owns_projects',
        details: [{ pointer: '?reassignTo', code: 'owns_project', message: 'Emil’s own' }],
      },
    });
    expectStatus(await emil.get('/users/me'), 200);
    expectStatus(await acme.owner.delete(`/projects/${id}`), 204);
    expectStatus(await acme.owner.delete(`/users/${emil.id}`), 204);
  });

  it('goes to nobody who is not active here, and not to the person themselves', async () => {
    const [fred, gone] = [await acme.join('Fred', 'member'), await acme.join('Gone', 'member')];
    expectStatus(await acme.owner.patch(`/users/${gone.id}`, { active: false }), 200);
    const globex = await signUp(app);
    for (const id of [gone.id, fred.id, globex.owner.id, newId()]) {
      const answer = await acme.owner.delete(`/users/${fred.id}?reassignTo=${id}`);
      expect([answer.status, answer.error.details[0]!.code]).toEqual([400, 'unknown_user']);
    }
    expect((await acme.owner.delete(`/users/${fred.id}?reassignTo=nobody`)).status).toBe(400);
    expect((await acme.owner.delete(`/users/${fred.id}?reassign=${acme.owner.id}`)).status).toBe(400);
    expectStatus(await fred.get('/users/me'), 200);
  });
});

describe('deleting', () => {
  it('spares oneself, those above, and the last owner', async () => {
    const globex = await signUp(app);
    const role = { key: 'hr', name: 'People', level: 30, grants: ['user.delete', 'user.read'] };
    expectStatus(await globex.owner.post('/roles', role), 201);
    const [hans, ada, mike] = [
      await globex.join('Hans', 'hr'),
      await globex.join('Ada', 'admin'),
      await globex.join('Mike', 'member'),
    ];
    for (const answer of [
      await globex.owner.delete(`/users/${globex.owner.id}`),
      await hans.delete(`/users/${hans.id}`),
      await hans.delete(`/users/${ada.id}`),
      await hans.delete(`/users/${globex.owner.id}`),
    ])
      expect([answer.status, answer.error.code]).toEqual([403, 'user_out_of_reach']);
    // Whoever takes over manages projects: he could make himself one who does.
    const handed = await hans.delete(`/users/${mike.id}?reassignTo=${hans.id}`);
    expect([handed.status, handed.error.code]).toEqual([403, 'user_out_of_reach']);
    expect((await ada.delete(`/users/${mike.id}`)).status).toBe(403);
    expectStatus(await hans.delete(`/users/${mike.id}`), 204);
  });

  it('leaves one owner when two delete each other', async () => {
    const globex = await signUp(app);
    const second = await globex.join('Second', 'owner');
    const answers = await Promise.all([
      globex.owner.delete(`/users/${second.id}`),
      second.delete(`/users/${globex.owner.id}`),
    ]);
    expect(answers.filter((answer) => answer.status === 204)).toHaveLength(1);
    const [{ owners }] = await (
      await sqlOf(app, globex)
    )(
      `SELECT count(*)::int AS owners FROM "@tenant".users u JOIN "@tenant".roles r ON r.id = ANY (u.role_ids) WHERE u.active AND r.key = 'owner'`,
    );
    expect(owners).toBe(1);
  });

  it('wants a sign-in of the last minutes, and is recorded', async () => {
    const globex = await signUp(app);
    const mike = await globex.join('Mike', 'member');
    const sql = await sqlOf(app, globex);
    const age = (interval: string) =>
      sql(
        `UPDATE "@tenant".sessions SET authenticated_at = now() - interval '${interval}' WHERE user_id = $1`,
        globex.owner.id,
      );
    await age('1 hour');
    await eventually(async () => {
      // With a version that nobody has, so that a sign-in that is still remembered as fresh deletes nothing.
      const answer = await globex.owner.delete(`/users/${mike.id}`, { 'if-match': '"77"' });
      expect([answer.status, answer.error.code]).toEqual([403, 'fresh_sign_in_required']);
    });
    await age('0 seconds');
    await eventually(async () => expectStatus(await globex.owner.delete(`/users/${mike.id}`), 204));
    const { data } = expectStatus(await globex.owner.get('/tenants/current/audit-log?action=user.deleted'), 200);
    expect(data).toMatchObject([{ targetId: mike.id, actorId: globex.owner.id, before: { email: mike.email } }]);
  });

  it('is asked with the version that was seen, by whoever insists on it', async () => {
    const zoe = await acme.join('Zoe', 'member');
    const answer = await acme.owner.delete(`/users/${zoe.id}`, { 'if-match': '"77"' });
    expect([answer.status, answer.error.code]).toEqual([412, 'version_mismatch']);
  });
});

describe('a profile', () => {
  it('has a title, a time zone and a language, which are checked and can be taken away', async () => {
    const mia = await acme.join('Mia', 'viewer');
    const profile = { title: 'Engineer', timeZone: 'Europe/Berlin', locale: 'de-CH' };
    expect(expectStatus(await mia.patch('/users/me', profile), 200).data).toMatchObject(profile);
    expect(expectStatus(await acme.owner.patch(`/users/${mia.id}`, { title: null }), 200).data).toMatchObject({
      ...profile,
      title: null,
    });
    const wrong: [object, string][] = [
      [{ timeZone: 'Mars/Olympus' }, 'time_zone'],
      [{ timeZone: '+02:00' }, 'time_zone'],
      [{ timeZone: '' }, 'time_zone'],
      [{ timeZone: 7 }, 'time_zone'],
      [{ locale: 'not a language' }, 'locale'],
      [{ locale: ['de'] }, 'locale'],
      [{ title: 'x'.repeat(101) }, 'length'],
    ];
    for (const [change, code] of wrong) {
      const answer = await mia.patch('/users/me', change);
      expect([change, answer.status, answer.error?.details[0]?.code]).toEqual([change, 400, code]);
    }
  });
});
