import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { CONDITIONS, PERMISSIONS } from '../../src/platform/access/permissions.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let gwen: Person;
let mike: Person;
let apollo: string;
let hidden: string;
let team: string;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  [gwen, mike] = [await acme.join('Gwen', 'guest'), await acme.join('Mike', 'member')];
  apollo = (await acme.project('Apollo', [[mike, 'viewer']])).id;
  hidden = (await acme.project('Hidden', [[gwen, 'member']])).id;
  team = expectStatus(await acme.owner.post('/teams', { name: 'Red' }), 201).data.id;
  expectStatus(await acme.owner.post(`/teams/${team}/members`, { userId: gwen.id }), 201);
  expectStatus(await acme.owner.put(`/projects/${apollo}/teams/${team}`, { role: 'manager' }), 200);
});
afterAll(() => app.stop());

const of = (permission: string, data: any[]) => data.find((each) => each.permission === permission);

describe('the catalogue of permissions', () => {
  it('lists each with its sentence and the conditions that fit', async () => {
    const { data } = expectStatus(await acme.owner.get('/permissions'), 200);
    expect(data.map((each: any) => each.key)).toEqual(Object.keys(PERMISSIONS));
    expect(data.find((each: any) => each.key === 'task.update')).toEqual({
      key: 'task.update',
      description: PERMISSIONS['task.update'],
      conditions: ['member', 'owner', 'team', 'involved', 'assignee', 'reporter'].map((key) => ({
        key,
        description: CONDITIONS[key as keyof typeof CONDITIONS],
      })),
    });
    expect(data.find((each: any) => each.key === 'user.read').conditions).toEqual([]);
  });

  it('offers nothing that a role could not hold', async () => {
    const { data } = expectStatus(await acme.owner.get('/permissions'), 200);
    const grants = data.flatMap(({ key, conditions }: any) => [
      key,
      ...conditions.map((each: any) => `${key}:${each.key}`),
    ]);
    expect(grants.length).toBeGreaterThan(60);
    expectStatus(await acme.owner.post('/roles', { key: 'all-of-it', name: 'All of it', level: 50, grants }), 201);
  });
});

describe('what somebody may do in the end', () => {
  it('is what their roles in the organisation and in projects add up to', async () => {
    const { data } = expectStatus(await gwen.get(`/users/${gwen.id}/permissions`), 200);
    expect(of('project.read', data)).toEqual({
      permission: 'project.read',
      everywhere: false,
      conditions: ['member'],
      inProjects: true,
    });
    expect(of('task.delete', data)).toMatchObject({ everywhere: false, conditions: [], inProjects: true });
    expect(of('user.read', data)).toBeUndefined();
    const all = expectStatus(await acme.owner.get(`/users/${acme.owner.id}/permissions`), 200).data;
    expect(all.map((each: any) => each.permission)).toEqual(Object.keys(PERMISSIONS));
    expect(all.every((each: any) => each.everywhere)).toBe(true);
  });

  it('is explained: by which role, in which project, through which team', async () => {
    const { data } = expectStatus(await gwen.get(`/users/${gwen.id}/permissions?explain=true`), 200);
    const inApollo = { id: apollo, name: 'Apollo', role: 'manager', team: { id: team, name: 'Red' } };
    const inHidden = { id: hidden, name: 'Hidden', role: 'member', team: null };
    expect(of('task.update', data).reasons).toEqual([
      { condition: 'member', role: null, project: inApollo },
      { condition: 'involved', role: null, project: inHidden },
    ]);
    expect(of('task.read', data).reasons[0]).toEqual({ condition: 'member', role: 'guest', project: null });
  });

  it('is told for one project, with what being in it decides decided', async () => {
    const inProject = async (id: string) =>
      expectStatus(await gwen.get(`/users/${gwen.id}/permissions?projectId=${id}`), 200).data;
    expect(of('task.update', await inProject(apollo))).toMatchObject({ everywhere: true, conditions: [] });
    expect(of('task.update', await inProject(hidden))).toMatchObject({ everywhere: false, conditions: ['involved'] });
    expect(of('task.delete', await inProject(hidden))).toBeUndefined();
    const foreign = (await acme.project('Foreign')).id;
    const answer = await gwen.get(`/users/${gwen.id}/permissions?projectId=${foreign}`);
    expect([answer.status, answer.error.code]).toEqual([404, 'project_not_found']);
  });

  it('is told of others to those who may see people and roles, of projects that they may see', async () => {
    const mary = await acme.join('Mary', 'manager');
    expect(of('task.delete', expectStatus(await mary.get(`/users/${gwen.id}/permissions`), 200).data)).toBeDefined();
    for (const who of [mike, gwen]) {
      const answer = await who.get(`/users/${mary.id}/permissions`);
      expect([answer.status, answer.error.code]).toEqual([403, 'permission_denied']);
    }
    const role = { key: 'desk', name: 'Desk', level: 20, grants: ['user.read', 'role.read'] };
    expectStatus(await acme.owner.post('/roles', role), 201);
    const desk = await acme.join('Dora', 'desk');
    const { data } = expectStatus(await desk.get(`/users/${gwen.id}/permissions?explain=true`), 200);
    expect(of('task.delete', data)).toBeUndefined();
    expect(JSON.stringify(data)).not.toMatch(/Apollo|Hidden|Red/);
    const answer = await desk.get(`/users/${gwen.id}/permissions?projectId=${hidden}`);
    expect(answer.status).toBe(404);
  });

  it('is nothing for somebody who is not active, and unknown for nobody', async () => {
    const gone = await acme.join('Gone', 'admin');
    expectStatus(await acme.owner.patch(`/users/${gone.id}`, { active: false }), 200);
    expect(expectStatus(await acme.owner.get(`/users/${gone.id}/permissions`), 200).data).toEqual([]);
    expect((await acme.owner.get(`/users/${newId()}/permissions`)).error.code).toBe('user_not_found');
  });

  it.each(['projectId=1', 'explain=yes', 'explain=true&explain=true', 'project=1'])(
    'is not asked with %s',
    async (query) => {
      const answer = await gwen.get(`/users/${gwen.id}/permissions?${query}`);
      expect([answer.status, answer.error.code]).toEqual([400, 'invalid_query']);
    },
  );

  it('is what they then can do, permission by permission', async () => {
    const role = { key: 'mixed', name: 'Mixed', level: 20, grants: ['task.update:assignee', 'task.delete:team'] };
    expectStatus(await acme.owner.post('/roles', role), 201);
    const mia = await acme.join('Mia', 'mixed');
    const { id } = await acme.project('Mixed', [[mia, 'viewer']]);
    const told = (await mia.get(`/users/${mia.id}/permissions?projectId=${id}`)).data;
    expect(told.map((each: any) => [each.permission, each.everywhere, each.conditions])).toEqual([
      ['project.read', true, []],
      ['task.read', true, []],
      ['task.update', false, ['assignee']],
    ]);
    const task = await acme.task(id, { assigneeId: mia.id });
    expectStatus(await mia.patch(`/tasks/${task.id}`, { title: 'Mine' }), 200);
    expect((await mia.delete(`/tasks/${task.id}`)).status).toBe(403);
  });
});
