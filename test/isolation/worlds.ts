import { randomBytes } from 'node:crypto';
import { ArchivesService } from '../../src/archives/archives.service.ts';
import { DomainNames } from '../../src/platform/tenancy/domain-names.ts';
import { TenantDirectory, type Tenant } from '../../src/platform/tenancy/tenant.types.ts';
import { formatTenantSecret, hashSecret } from '../../src/platform/tokens/tenant-secret.ts';
import type { TestApp } from '../support/app.ts';
import { drawing } from '../avatars/pictures.ts';
import { expectStatus } from '../support/client.ts';
import { proveAddresses, signUp, type Person, type TestTenant } from '../support/tenant.ts';
import { Credentials } from './credentials.ts';
import { freshMilestone, furnishPlans } from './planning-records.ts';
import { formOf } from '../support/upload.ts';

export const nonce = (): string => randomBytes(6).toString('hex');

type Kind = 'project' | 'task' | 'comment' | 'user' | 'role' | 'session' | 'team' | 'audit_event';

export interface Row {
  id: string;
  version: number;
}

/** Far from what a record reaches by being changed, so that an ETag of the other tenant is never one's own by chance. */
const OTHER_VERSIONS = 5_000;

/** Of what an organisation has a few at most, so many stay when one is made: as many as are in use at once. */
const KEPT = 3;

/**
 * A tenant with something of everything, and `canary` in every text. Two of them are alike but for ids and canaries.
 * What a probe may destroy is made fresh; the rest stands ready.
 */
export class World {
  readonly canary = `canary${nonce()}`;
  roleKey: string;
  /** The one with `roleKey`. */
  role: { id: string };
  schema: string;
  record: Tenant;
  project: Row;
  /** Member of `project`. */
  member: Row;
  /** In `project`; has comments and a history, and stands below `parent`. */
  task: Row;
  milestone: Row;
  bulkRun: { id: string };
  parent: Row;
  comment: Row;
  /** Attached to `task`; a picture. */
  attachment: { id: string };
  /** `task` waits for another one. */
  dependency: Row & { taskId: string };
  /** Was given `project`; `mate` is in it. */
  team: Row;
  mate: Row;
  domain: { id: string };
  exported: { id: string };
  provider: Row & { key: string };
  robot: Row;
  /** Of `member`, who has a picture as well. */
  timeOff: Row;
  holiday: { id: string };
  /** Of the owner, and of `robot`. */
  keys: { id: string; key: string }[] = [];
  invitation: { id: string };
  credentials: Credentials;
  /** Of somebody who was deactivated since. */
  staleToken: string;

  private constructor(
    readonly app: TestApp,
    readonly tenant: TestTenant,
    private readonly remote: boolean,
  ) {}

  /** @param remote its records carry versions that no record of another world reaches */
  static async make(app: TestApp, { remote = false } = {}): Promise<World> {
    const tenant = await signUp(app, `canary-${nonce()}`);
    await proveAddresses(app, tenant);
    const world = new World(app, tenant, remote);
    world.record = (await app.nest.get(TenantDirectory).findById(world.tenant.id))!;
    world.schema = world.record.binding.schema;
    await world.#furnish();
    return world;
  }

  get slug(): string {
    return this.tenant.slug;
  }

  get owner(): Person {
    return this.tenant.owner;
  }

  /** Whatever only this tenant may ever see, its ids aside. */
  get secrets(): string[] {
    const { schema, role } = this.record.binding;
    return [this.canary, this.slug, this.tenant.id, schema, role ?? schema];
  }

  async idOf(kind: Kind): Promise<string> {
    if (kind === 'project' || kind === 'task' || kind === 'comment' || kind === 'team') return this[kind].id;
    if (kind === 'user') return this.member.id;
    const { rows } = await this.app.owner.query<{ id: string }>(
      `SELECT id FROM "${this.schema}".${kind}s ORDER BY id LIMIT 1`,
    );
    return rows[0]!.id;
  }

  async freshPerson(): Promise<Row & { email: string }> {
    const email = this.freshEmail();
    const names = { firstName: this.canary, lastName: this.canary };
    return this.made('users', '/users', { email, ...names });
  }

  freshEmail(): string {
    return `${nonce()}@${this.slug}.test`;
  }

  freshProject(): Promise<Row> {
    const text = { name: this.canary, description: this.canary, settings: { note: this.canary } };
    return this.made('projects', '/projects', text);
  }

  async freshMember(projectId: string): Promise<Row> {
    const person = await this.freshPerson();
    expectStatus(await this.owner.post(`/projects/${projectId}/members`, { userId: person.id }), 201);
    return person;
  }

  freshTask(projectId: string, fields: object = {}): Promise<Row> {
    const text = { title: this.canary, description: this.canary, tags: [this.canary] };
    return this.made('tasks', '/tasks', { projectId, ...text, ...fields });
  }

  /** Another one in each world: a place in a list by day is told apart by the day, not by whose id was made first. */
  get day(): string {
    const days = Number.parseInt(this.canary.slice(-3), 16);
    return new Date(Date.UTC(2026, 0, 1 + days)).toISOString().slice(0, 10);
  }

  freshComment(taskId: string): Promise<Row> {
    return this.made('comments', `/tasks/${taskId}/comments`, { body: this.canary });
  }

  async freshAttachment(taskId: string): Promise<{ id: string }> {
    const picture = formOf(await drawing(9, 9).png().toBuffer(), `${this.canary}.png`);
    return expectStatus(await this.owner.call('POST', `/tasks/${taskId}/attachments`, { body: picture }), 201).data;
  }

  async freshRole(): Promise<Row> {
    await this.makeRoomForRoles();
    const text = { name: this.canary, description: this.canary };
    return this.made('roles', '/roles', {
      key: `role-${nonce()}`,
      ...text,
      level: 20,
      grants: ['task.read:assignee'],
    });
  }

  freshTeam(): Promise<Row> {
    return this.made('teams', '/teams', { name: `${this.canary} ${nonce()}`, description: this.canary });
  }

  /** A task of `project` waits for another one. */
  async freshDependency(task?: Row): Promise<Row & { taskId: string }> {
    const [{ id }, on] = [task ?? (await this.freshTask(this.project.id)), await this.freshTask(this.project.id)];
    return this.made('task_dependencies', `/tasks/${id}/dependencies`, { dependsOnTaskId: on.id });
  }

  async freshTeamMember(teamId: string): Promise<Row> {
    const person = await this.freshPerson();
    expectStatus(await this.owner.post(`/teams/${teamId}/members`, { userId: person.id }), 201);
    return person;
  }

  async freshProjectTeam(projectId: string): Promise<Row> {
    const team = await this.freshTeam();
    expectStatus(await this.owner.put(`/projects/${projectId}/teams/${team.id}`, { role: 'viewer' }), 200);
    return team;
  }

  /** A domain that is claimed; whoever asks for its proof finds it. */
  async freshDomain({ verified = false } = {}): Promise<{ id: string }> {
    await this.makeRoom('tenant_domains');
    const domain = `${this.canary}-${nonce()}.example.com`;
    const added = expectStatus(await this.owner.post('/tenants/current/domains', { domain }), 201).data;
    this.app.nest.get(DomainNames).resolveTxt = async () => (await this.#proofs()).rows.map((row) => row.proof);
    if (verified) expectStatus(await this.owner.put(`/tenants/current/domains/${added.id}/verification`), 200);
    return added;
  }

  /** An export that is written. */
  async freshExport(): Promise<{ id: string }> {
    await this.makeRoom('archives');
    const { id } = expectStatus(await this.owner.post('/tenants/current/exports'), 201).data;
    const run = {
      id,
      attempt: 1,
      tenantId: this.tenant.id,
      signal: new AbortController().signal,
      progress: () => undefined,
    };
    await this.app.nest.get(ArchivesService).write({ archiveId: id, tenantId: this.tenant.id }, run);
    return { id };
  }

  freshTimeOff(): Promise<Row> {
    const body = { kind: 'other', from: '2026-06-01', to: '2026-06-02', note: this.canary };
    return this.made('time_off', `/users/${this.member.id}/time-off`, body);
  }

  async freshHoliday(): Promise<{ id: string }> {
    const body = { day: '2026-12-25', name: this.canary };
    return expectStatus(await this.owner.post('/calendars/holidays', body), 201).data;
  }

  freshRobot(): Promise<Row> {
    return this.made('users', '/service-accounts', { name: this.canary, roles: [this.roleKey] });
  }

  /** A key of a person or service account, besides those that stand ready. */
  async freshKey(userId: string): Promise<{ id: string; key: string }> {
    await this.makeRoomForKeys(userId);
    const path = userId === this.owner.id ? '/auth/api-keys' : `/service-accounts/${userId}/api-keys`;
    return this.made<Row & { key: string }>('api_keys', path, { name: this.canary, scopes: ['task.read'] });
  }

  /** A provider that needs not be asked before somebody is sent there. */
  async freshProvider(): Promise<Row & { key: string }> {
    await this.makeRoomForProviders();
    const fields = { kind: 'github', name: this.canary, clientId: this.canary, clientSecret: this.canary };
    const key = `${this.canary}-${nonce()}`;
    return this.made('sign_in_providers', '/tenants/current/sign-in-providers', { key, ...fields });
  }

  freshInvitation(): Promise<{ id: string }> {
    return this.made('invitations', '/invitations', { email: this.freshEmail(), roles: [this.roleKey] });
  }

  /** Somebody has been sent to the provider: what they come back with, and what their browser holds. */
  async freshAttempt(): Promise<{ state: string; cookie: string }> {
    const path = `${this.app.url}/api/v1/auth/oauth/${this.provider.key}?tenant=${this.slug}`;
    const { headers } = await fetch(path, { redirect: 'manual' });
    const state = new URL(headers.get('location')!).searchParams.get('state')!;
    return { state, cookie: headers.get('set-cookie')!.split(';')[0]! };
  }

  /** Somebody has come back from the provider. */
  async freshSignInCode(): Promise<string> {
    const code = formatTenantSecret('pfc', this.tenant.id);
    await this.app.owner.query(
      `INSERT INTO "${this.schema}".tokens (hash, purpose, provider_id, user_id, data, expires_at)
       VALUES ($1, 'sign-in-code', $2, $3, '{"codeChallenge": null}', now() + interval '1 minute')`,
      [hashSecret(code), this.provider.id, this.owner.id],
    );
    return code;
  }

  async makeRoom(table: 'tenant_domains' | 'archives'): Promise<void> {
    const kept = table === 'archives' ? this.exported : this.domain;
    await this.#thin(`public.${table}`, 'tenant_id', this.tenant.id, [kept]);
  }

  makeRoomForKeys(userId: string): Promise<void> {
    return this.#thin(`"${this.schema}".api_keys`, 'user_id', userId, this.keys);
  }

  makeRoomForProviders(): Promise<void> {
    return this.#thin(`"${this.schema}".sign_in_providers`, 'true', true, [this.provider]);
  }

  makeRoomForRoles(): Promise<void> {
    return this.#thin(`"${this.schema}".roles`, 'built_in', false, [this.role]);
  }

  /** Removes all but the newest, and those that stand ready. */
  async #thin(table: string, column: string, value: unknown, standing: ({ id: string } | undefined)[]): Promise<void> {
    const kept = standing.filter((each) => each !== undefined).map((each) => each.id);
    await this.app.owner.query(
      `DELETE FROM ${table} WHERE ${column} = $1 AND id <> ALL ($2) AND id NOT IN
         (SELECT id FROM ${table} WHERE ${column} = $1 AND id <> ALL ($2) ORDER BY created_at DESC LIMIT ${KEPT})`,
      [value, kept],
    );
  }

  #proofs() {
    return this.app.owner.query<{ proof: string }>(
      `SELECT 'projectflow-domain-verification=' || token AS proof FROM public.tenant_domains`,
    );
  }

  async freshRefreshToken(): Promise<string> {
    return (await this.credentials.session(this.owner.id)).refreshToken;
  }

  /** `If-Match` for the record as it is now. */
  async etagOf(table: string, id: string, key = 'id', column = 'version'): Promise<string> {
    const sql = `SELECT ${column} AS version FROM "${this.schema}".${table} WHERE ${key} = $1`;
    const { rows } = await this.app.owner.query<Row>(sql, [id]);
    return `"${rows[0]!.version}"`;
  }

  async etagOfTenant(): Promise<string> {
    const { rows } = await this.app.owner.query<Row>('SELECT version FROM public.tenants WHERE id = $1', [
      this.tenant.id,
    ]);
    return `"${rows[0]!.version}"`;
  }

  async made<Made extends Row>(table: string, path: string, body: object): Promise<Made> {
    const row = expectStatus(await this.owner.post<Made>(path, body), 201).data;
    await this.remove(table, row.id);
    return row;
  }

  /** In one world versions are far from those of the other, so that an ETag of there is none of here. */
  async remove(table: string, id: string, key = 'id', column = 'version'): Promise<void> {
    if (!this.remote) return;
    await this.app.owner.query(`UPDATE "${this.schema}".${table} SET ${column} = ${column} + $2 WHERE ${key} = $1`, [
      id,
      OTHER_VERSIONS,
    ]);
  }

  async #furnish(): Promise<void> {
    if (this.remote)
      await this.app.owner.query('UPDATE public.tenants SET version = version + $2 WHERE id = $1', [
        this.tenant.id,
        OTHER_VERSIONS,
      ]);
    expectStatus(await this.owner.patch('/users/me', { firstName: this.canary, lastName: this.canary }), 200);
    await this.remove('users', this.owner.id);
    this.roleKey = `role-${this.canary}`;
    const { rows } = await this.app.owner.query<{ id: string }>(
      `INSERT INTO "${this.schema}".roles (key, name, level, grants) VALUES ($1, $2, 20, ARRAY['project.read:member']) RETURNING id`,
      [this.roleKey, this.canary],
    );
    this.role = rows[0]!;
    this.project = await this.freshProject();
    await this.freshProject();
    this.member = await this.freshMember(this.project.id);
    this.milestone = await freshMilestone(this);
    await freshMilestone(this);
    this.parent = await this.freshTask(this.project.id);
    this.task = await this.freshTask(this.project.id, { parentId: this.parent.id, assigneeId: this.member.id });
    await this.freshTask(this.project.id, { reporterId: this.member.id });
    expectStatus(await this.owner.patch(`/tasks/${this.task.id}`, { title: `${this.canary} again` }), 200);
    expectStatus(await this.owner.put(`/tasks/${this.task.id}/status`, { status: 'in_progress' }), 200);
    await furnishPlans(this);
    this.comment = await this.freshComment(this.task.id);
    await this.freshComment(this.task.id);
    for (const body of [`${this.canary} again`, `${this.canary} at last`])
      expectStatus(await this.owner.patch(`/comments/${this.comment.id}`, { body }), 200);
    this.attachment = await this.freshAttachment(this.task.id);
    await this.freshAttachment(this.task.id);
    this.dependency = await this.freshDependency(this.task);
    for (const task of [this.task, this.task, this.parent]) await this.freshDependency(task);
    this.team = await this.freshProjectTeam(this.project.id);
    this.mate = await this.freshTeamMember(this.team.id);
    await this.freshTeamMember(this.team.id);
    const { id } = await this.freshProjectTeam(this.project.id);
    expectStatus(await this.owner.post(`/teams/${id}/members`, { userId: this.mate.id }), 201);
    this.domain = await this.freshDomain();
    this.exported = await this.freshExport();
    this.provider = await this.freshProvider();
    const picture = formOf(await drawing(9, 9).png().toBuffer());
    expectStatus(await this.owner.call('PUT', `/users/${this.member.id}/avatar`, { body: picture }), 200);
    this.timeOff = await this.freshTimeOff();
    await this.freshTimeOff();
    this.holiday = await this.freshHoliday();
    await this.freshHoliday();
    this.robot = await this.freshRobot();
    await this.freshRobot();
    for (const { id } of [this.owner, this.robot]) this.keys.push(await this.freshKey(id));
    this.invitation = await this.freshInvitation();
    await this.freshInvitation();
    for (const key of ['security', 'search']) await this.remove('settings', key, 'key');
    await this.#furnishSignIns();
  }

  async #furnishSignIns(): Promise<void> {
    this.credentials = new Credentials(this.app, this.record, this.owner, this.mate, this.canary);
    await this.credentials.furnish();
    await this.credentials.passkey();
    const gone = await this.freshPerson();
    this.staleToken = (await this.credentials.session(gone.id)).accessToken;
    expectStatus(await this.owner.patch(`/users/${gone.id}`, { active: false }), 200);
  }
}
