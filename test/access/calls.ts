import { writeFile } from 'node:fs/promises';
import { v7 as newId } from 'uuid';
import { TenantFiles } from '../../src/platform/files/tenant-files.ts';
import type { TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { proveAddresses, type Person, type TestTenant } from '../support/tenant.ts';
import { drawing } from '../avatars/pictures.ts';
import { formOf } from '../support/upload.ts';
import type { Place, Row } from './matrix.ts';
import { isAboutTime, onTime, type Filling } from './time-calls.ts';

export interface Call {
  method: string;
  path: string;
  body?: object;
}

/** Whoever may not see a record must not read this word in an answer. */
export const CLASSIFIED = 'classified';

const CHANGES: Record<string, object> = {
  'PATCH /tasks/:id': { title: 'Changed' },
  'PUT /tasks/:id/status': { status: 'done' },
  'PUT /tasks/:id/assignee': { assigneeId: null },
  'POST /tasks/:id/comments': { body: 'New' },
  'PATCH /comments/:id': { body: 'Changed' },
  'PATCH /projects/:id': { description: 'Changed' },
  'PATCH /projects/:id/members/:userId': { role: 'manager' },
  'PUT /projects/:id/teams/:teamId': { role: 'manager' },
  'PATCH /milestones/:id': { name: 'Changed' },
  'POST /projects/:id/milestones': { name: 'New' },
  'PUT /projects/:id/workflow': {
    statuses: [
      { key: 'todo', name: 'Open', category: 'todo' },
      { key: 'done', name: 'Closed', category: 'done' },
    ],
  },
  'PUT /tasks/:id/position': { afterId: null },
  'PATCH /roles/:id': { name: 'Changed', grants: [] },
  'PATCH /teams/:id': { description: 'Changed' },
  'PATCH /teams/:id/members/:userId': { role: 'lead' },
};

/** Makes the calls of the matrix, each on a record of its own that the founder of the organisation has made for it. */
export class Calls {
  constructor(
    private readonly app: TestApp,
    private readonly tenant: TestTenant,
    private readonly schema: string,
  ) {}

  async callOf({ route, variant }: Row, actor: Person, place: Place): Promise<Call> {
    const [method, pattern] = route.split(' ') as [string, string];
    const { ids = {}, body = CHANGES[route], query = '' } = await this.#filling(method, pattern, variant, actor, place);
    return { method, path: pattern.replaceAll(/:(\w+)/g, (_, name: string) => ids[name]!) + query, body };
  }

  async newcomer(roles: string[]): Promise<string> {
    return expectStatus(await this.tenant.owner.post('/users', { ...somebody(), roles }), 201).data.id;
  }

  async #filling(method: string, pattern: string, variant: string, actor: Person, place: Place): Promise<Filling> {
    const scene = { app: this.app, tenant: this.tenant, schema: this.schema, text: CLASSIFIED };
    if (isAboutTime(pattern)) return onTime(scene, { method, pattern, variant }, actor, place);
    if (pattern.includes('/sign-in-providers')) return this.#onProvider(method, pattern);
    if (pattern.startsWith('/invitations')) return this.#onInvitation(method, pattern, variant);
    if (pattern.includes('/audit-log')) return { ids: { id: await this.#event() } };
    if (pattern.endsWith('/security')) return method === 'PATCH' ? { body: { secondFactor: 'optional' } } : {};
    if (pattern.startsWith('/tenants')) return this.#onOrganisation(method, pattern);
    if (pattern.endsWith('/avatar')) return this.#onAvatar(method, variant);
    if (pattern.startsWith('/users')) return this.#onPerson(method, variant);
    if (pattern.startsWith('/calendars')) return this.#onCalendar(pattern);
    if (pattern.startsWith('/roles')) return this.#onRole(method, pattern);
    if (pattern.startsWith('/teams')) return this.#onTeam(method, pattern, variant, actor);
    if (pattern.startsWith('/auth/api-keys')) return this.#onKey(pattern, actor);
    if (pattern.startsWith('/service-accounts')) return this.#onServiceAccount(method, pattern, variant);
    if (pattern === '/search/settings') return method === 'PUT' ? { body: { language: 'english' } } : {};
    if (pattern.startsWith('/tasks/bulk')) return this.#onBulk(method, actor);
    if (pattern === '/projects') return method === 'POST' ? { body: { name: 'New' } } : {};
    if (method === 'GET' && !pattern.includes(':')) return {};
    const project = await this.tenant.project(CLASSIFIED, place === 'out' ? [] : [[actor, 'viewer']]);
    if (pattern === '/tasks') return { body: { projectId: project.id, title: 'New' } };
    if (pattern.includes('/members') && !(method === 'GET' && pattern.endsWith('/members')))
      return this.#onMember(method, project.id);
    if (pattern.includes('/:teamId'))
      return { ids: { id: project.id, teamId: await this.#teamOf(method, project.id) } };
    if (pattern.startsWith('/milestones')) return { ids: { id: await this.#milestone(project.id) } };
    if (pattern.includes('projects/')) return { ids: { id: project.id } };
    const assigneeId = place === 'own' ? actor.id : null;
    const task = await this.tenant.task(project.id, { title: CLASSIFIED, assigneeId });
    if (pattern.includes('/dependencies')) return this.#onDependency(method, pattern, project.id, task.id);
    if (pattern.includes('/:userId')) return { ids: { id: task.id, userId: await this.#memberOf(project.id) } };
    if (pattern === '/tasks/:id/attachments' && method === 'POST')
      return { ids: { id: task.id }, body: formOf(TEXT, 'a.txt') };
    if (pattern.startsWith('/attachments'))
      return {
        ids: { id: await this.#file(task.id, place === 'own' ? actor : this.tenant.owner) },
        body: method === 'POST' ? {} : undefined,
      };
    if (!pattern.startsWith('/comments')) return { ids: { id: task.id } };
    return {
      ids: { id: await this.#comment(task.id, place === 'own' ? actor : this.tenant.owner), emoji: '%F0%9F%91%8D' },
    };
  }

  /** The registry's rows are made past the API: whoever asks may not make them. */
  async #onOrganisation(method: string, pattern: string): Promise<Filling> {
    if (pattern.endsWith('/settings')) return method === 'PATCH' ? { body: { name: CLASSIFIED } } : {};
    const table = pattern.includes('/domains') ? 'tenant_domains' : 'archives';
    await this.app.owner.query(`DELETE FROM public.${table} WHERE tenant_id = $1`, [this.tenant.id]);
    const domain = `${newId()}.example.com`;
    if (!pattern.includes(':')) return method === 'POST' && table === 'tenant_domains' ? { body: { domain } } : {};
    const id = newId();
    if (table === 'tenant_domains') {
      const sql = `INSERT INTO public.tenant_domains (id, tenant_id, domain, token, verified_at) VALUES ($1, $2, $3, 'token', now())`;
      await this.app.owner.query(sql, [id, this.tenant.id, domain]);
    } else {
      const file = `export-${id}.pft`;
      await writeFile(await this.app.nest.get(TenantFiles).pathTo(this.tenant.id, file), CLASSIFIED);
      const sql = `INSERT INTO public.archives (id, tenant_id, reason, state, file, bytes) VALUES ($1, $2, 'export', 'ready', $3, $4)`;
      await this.app.owner.query(sql, [id, this.tenant.id, file, CLASSIFIED.length]);
    }
    return { ids: { id } };
  }

  async #onPerson(method: string, variant: string): Promise<Filling> {
    const made = /made (\w+)/.exec(variant)?.[1];
    const standing = /an (owner|admin)/.exec(variant)?.[1] ?? 'member';
    if (method === 'POST') return { body: { ...somebody(), roles: [made ?? 'member'] } };
    const ids = { id: await this.newcomer([standing]) };
    if (method === 'PUT') return { ids, body: { roles: [made ?? 'viewer'] } };
    const change = variant.startsWith('off') ? { active: false } : { firstName: 'Changed' };
    return method === 'PATCH' ? { ids, body: change } : { ids };
  }

  async #onInvitation(method: string, pattern: string, variant: string): Promise<Filling> {
    const made = /made (\w+)/.exec(variant)?.[1] ?? 'member';
    const body = { email: `${CLASSIFIED}.${newId()}@acme.test`, roles: [made] };
    await proveAddresses(this.app, this.tenant);
    if (!pattern.includes(':')) return method === 'POST' ? { body } : {};
    return { ids: { id: expectStatus(await this.tenant.owner.post('/invitations', body), 201).data.id } };
  }

  async #event(): Promise<string> {
    const { rows } = await this.app.owner.query(`SELECT id FROM "${this.schema}".audit_events ORDER BY id LIMIT 1`);
    return rows[0].id;
  }

  async #onAvatar(method: string, variant: string): Promise<Filling> {
    const ids = { id: await this.newcomer([variant === 'an owner' ? 'owner' : 'member']) };
    return method === 'PUT' ? { ids, body: formOf(await drawing(9, 9).png().toBuffer()) } : { ids };
  }

  async #onCalendar(pattern: string): Promise<Filling> {
    const holiday = { day: '2026-12-25', name: CLASSIFIED };
    const minutes = { monday: 1, tuesday: 1, wednesday: 1, thursday: 1, friday: 1, saturday: 1, sunday: 1 };
    if (pattern.endsWith('/default')) return { body: { from: '2026-01-01', minutes } };
    if (pattern.endsWith('/import')) return { body: { ical: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR' } };
    if (!pattern.includes(':')) return { body: holiday };
    return { ids: { id: expectStatus(await this.tenant.owner.post('/calendars/holidays', holiday), 201).data.id } };
  }

  async #onBulk(method: string, actor: Person): Promise<Filling> {
    if (method === 'POST') return { body: { mode: 'each', operations: [{ action: 'restore', id: newId() }] } };
    const id = newId();
    const sql = `INSERT INTO platform.bulk_runs (tenant_schema, id, actor_id, mode, state, operations, total) VALUES ($1, $2, $3, 'each', 'done', '[]', 0)`;
    await this.app.owner.query(sql, [this.schema, id, actor.id]);
    return { ids: { id } };
  }

  async #milestone(projectId: string): Promise<string> {
    const path = `/projects/${projectId}/milestones`;
    return expectStatus(await this.tenant.owner.post(path, { name: CLASSIFIED }), 201).data.id;
  }

  async #memberOf(projectId: string): Promise<string> {
    const userId = await this.newcomer(['viewer']);
    expectStatus(await this.tenant.owner.post(`/projects/${projectId}/members`, { userId }), 201);
    return userId;
  }

  async #onMember(method: string, projectId: string): Promise<Filling> {
    if (method === 'POST') return { ids: { id: projectId }, body: { userId: await this.newcomer(['viewer']) } };
    return { ids: { id: projectId, userId: await this.#memberOf(projectId) } };
  }

  async #onRole(method: string, pattern: string): Promise<Filling> {
    const body = { key: `r-${newId()}`, name: CLASSIFIED, level: 10, grants: ['task.read:assignee'] };
    if (!pattern.includes(':')) return method === 'POST' ? { body } : {};
    return { ids: { id: expectStatus(await this.tenant.owner.post('/roles', body), 201).data.id } };
  }

  /** Past the API where the actor leads it: so that it is the same for those who could not be made lead of it. */
  async #onTeam(method: string, pattern: string, variant: string, actor: Person): Promise<Filling> {
    if (pattern === '/teams') return method === 'POST' ? { body: { name: newId() } } : {};
    const id = await this.#team();
    const sql = `INSERT INTO "${this.schema}".team_members (team_id, user_id, role) VALUES ($1, $2, $3)`;
    if (variant === 'led') await this.app.owner.query(sql, [id, actor.id, 'lead']);
    if (!pattern.includes('/members') || (method === 'GET' && !pattern.includes(':userId'))) return { ids: { id } };
    const userId = await this.newcomer(['viewer']);
    if (method === 'POST') return { ids: { id }, body: { userId } };
    await this.app.owner.query(sql, [id, userId, 'member']);
    return { ids: { id, userId } };
  }

  async #team(): Promise<string> {
    const body = { name: `${CLASSIFIED} ${newId()}` };
    return expectStatus(await this.tenant.owner.post('/teams', body), 201).data.id;
  }

  async #teamOf(method: string, projectId: string): Promise<string> {
    const id = await this.#team();
    if (method === 'DELETE')
      expectStatus(await this.tenant.owner.put(`/projects/${projectId}/teams/${id}`, { role: 'viewer' }), 200);
    return id;
  }

  async #onProvider(method: string, pattern: string): Promise<Filling> {
    await this.app.owner.query(`DELETE FROM "${this.schema}".sign_in_providers`);
    const body = { key: 'google', kind: 'google', name: CLASSIFIED, clientId: 'id' };
    if (!pattern.includes(':')) return method === 'POST' ? { body } : {};
    const { id } = expectStatus(await this.tenant.owner.post('/tenants/current/sign-in-providers', body), 201).data;
    return { ids: { id }, body: method === 'PATCH' ? { name: 'Changed' } : undefined };
  }

  async #onKey(pattern: string, actor: Person): Promise<Filling> {
    return pattern.includes(':') ? { ids: { id: await this.#key(actor.id) }, body: {} } : { body: KEY };
  }

  async #onServiceAccount(method: string, pattern: string, variant: string): Promise<Filling> {
    const made = /made (\w+)/.exec(variant)?.[1] ?? 'viewer';
    const body = method === 'GET' || method === 'DELETE' ? undefined : {};
    if (pattern === '/service-accounts') return { body: body && { name: 'Robot', roles: [made] } };
    const robot = { name: CLASSIFIED, roles: ['viewer'] };
    const account = expectStatus(await this.tenant.owner.post('/service-accounts', robot), 201).data.id;
    if (!pattern.includes('/api-keys')) return { ids: { id: account }, body: body && { name: 'Changed' } };
    const ids = { id: account, keyId: await this.#key(account) };
    return { ids, body: pattern.endsWith('/api-keys') ? body && KEY : body };
  }

  /** Past the API: nobody makes a key for somebody else. */
  async #key(userId: string): Promise<string> {
    const id = newId();
    await this.app.owner.query(`DELETE FROM "${this.schema}".api_keys WHERE user_id = $1`, [userId]);
    await this.app.owner.query(
      `INSERT INTO "${this.schema}".api_keys (id, user_id, name, hash, ending, scopes, expires_at)
       VALUES ($1, $2, $3, $4, 'wxyz', '{project.read:member}', now() + interval '1 day')`,
      [id, userId, CLASSIFIED, Buffer.from(id)],
    );
    return id;
  }

  async #onDependency(method: string, pattern: string, projectId: string, taskId: string): Promise<Filling> {
    const other = await this.tenant.task(projectId, { title: CLASSIFIED });
    const body = { dependsOnTaskId: other.id };
    if (!pattern.endsWith('/:dependencyId'))
      return method === 'POST' ? { ids: { id: taskId }, body } : { ids: { id: taskId } };
    const { id } = expectStatus(await this.tenant.owner.post(`/tasks/${taskId}/dependencies`, body), 201).data;
    return { ids: { id: taskId, dependencyId: id }, ...(method === 'PATCH' && { body: { lagDays: 1 } }) };
  }

  /** Past the API, because a viewer who has written a comment was something else before. */
  async #comment(taskId: string, author: Person): Promise<string> {
    const id = newId();
    const sql = `INSERT INTO "${this.schema}".comments (id, task_id, author_id, body) VALUES ($1, $2, $3, $4)`;
    await this.app.owner.query(sql, [id, taskId, author.id, CLASSIFIED]);
    return id;
  }

  /** Past the API for the same reason: the founder has added it, and then it is the actor's. */
  async #file(taskId: string, uploader: Person): Promise<string> {
    const picture = formOf(await drawing(9, 9).png().toBuffer(), `${CLASSIFIED}.png`);
    const answer = await this.tenant.owner.call('POST', `/tasks/${taskId}/attachments`, { body: picture });
    const { id } = expectStatus(answer, 201).data;
    await this.app.owner.query(`UPDATE "${this.schema}".attachments SET uploaded_by = $2 WHERE id = $1`, [
      id,
      uploader.id,
    ]);
    return id;
  }
}

const TEXT = Buffer.from('New');
const KEY = { name: 'Build', scopes: ['project.read:member'] };
const somebody = () => ({ email: `${newId()}@acme.test`, firstName: CLASSIFIED, lastName: 'Newcomer' });
