import { expectStatus } from '../support/client.ts';
import { PASSWORD } from '../support/tenant.ts';
import { CONVERSATION_CASES } from './conversation-cases.ts';
import { DEPENDENCY_CASES } from './dependency-cases.ts';
import { projectBody, taskBody } from './bodies.ts';
import { PEOPLE_CASES } from './people-cases.ts';
import { PLANNING_CASES } from './planning-cases.ts';
import type { Request } from './probes.ts';
import type { Route } from './routes.ts';
import { TIME_CASES } from './time-cases.ts';
import { SIGN_IN_CASES } from './sign-in-cases.ts';
import { nonce, type World } from './worlds.ts';

export type Filling = Partial<Pick<Request, 'params' | 'query' | 'body' | 'file' | 'headers'>> & { ifMatch?: string };

/** How a route is asked so that it succeeds, with what the world has, or makes afresh where the call uses it up. */
export interface Case {
  fill: (world: World) => Promise<Filling> | Filling;
  /** Members of the answer that move by themselves. */
  volatile?: string[];
  /** It succeeds by sending the browser somewhere, and notes that in its own tenant, although it is a GET. */
  sends?: boolean;
  /** It only reads, and puts that on record. */
  records?: boolean;
  /** How many calls may be got ready at once; many, where each has a record of its own. */
  batch?: number;
  /** What anybody who names an organisation leaves there: tables, or `events`. */
  visitorsLeave?: string[];
  /** The table of what is used up by the first attempt with it, whatever comes of that. */
  usesUp?: string;
  /** Members of the answer that anybody may know of an organisation whom they name. */
  profile?: string[];
}

const nothing = (): Filling => ({});
const inProject = (world: World) => ({ params: { id: world.project.id } });
const onTask = (world: World) => ({ params: { id: world.task.id } });

async function otherLanguage({ owner }: World): Promise<string> {
  const { data } = expectStatus(await owner.get('/search/settings'), 200);
  return data.language === 'english' ? 'simple' : 'english';
}

async function own(world: World, table: string, { id }: { id: string }): Promise<Filling> {
  return { params: { id }, ifMatch: await world.etagOf(table, id) };
}

const ownProject = async (world: World) => own(world, 'projects', await world.freshProject());
const ownTask = async (world: World) => own(world, 'tasks', await world.freshTask(world.project.id));
const ownComment = async (world: World) => own(world, 'comments', await world.freshComment(world.task.id));
const ownPerson = async (world: World) => own(world, 'users', await world.freshPerson());

const ownDomain = async (world: World) => ({ params: { id: (await world.freshDomain()).id } });
/** An export that was given up: to be removed, without the seconds that writing everything takes for each probe. */
const ownExport = async (world: World) => {
  await world.makeRoom('archives');
  const { rows } = await world.app.owner.query<{ id: string }>(
    `INSERT INTO public.archives (id, tenant_id, reason, state) VALUES (gen_random_uuid(), $1, 'export', 'failed') RETURNING id`,
    [world.tenant.id],
  );
  return { params: { id: rows[0]!.id } };
};

const ownRole = async (world: World) => own(world, 'roles', await world.freshRole());
const ownTeam = async (world: World) => own(world, 'teams', await world.freshTeam());
const ofTeam = (world: World) => ({ params: { id: world.team.id } });

async function ownTeamMember(world: World): Promise<Filling> {
  return { params: { id: world.team.id, userId: (await world.freshTeamMember(world.team.id)).id } };
}

async function ownProjectTeam(world: World): Promise<Filling> {
  return { params: { id: world.project.id, teamId: (await world.freshProjectTeam(world.project.id)).id } };
}
const keyBody = (world: World) => ({ name: world.canary, scopes: ['task.read'] });
const providerBody = (world: World) => ({ name: world.canary, clientId: world.canary });
const ownKey = async (world: World) => ({ params: { id: (await world.freshKey(world.owner.id)).id } });
const ownRobot = async (world: World) => ({ params: { id: (await world.freshRobot()).id } });
const robotOf = (world: World) => ({ params: { id: world.robot.id } });
const robotsKey = async (world: World) => ({
  params: { id: world.robot.id, keyId: (await world.freshKey(world.robot.id)).id },
});

async function ownMember(world: World): Promise<Filling> {
  return { params: { id: world.project.id, userId: (await world.freshMember(world.project.id)).id } };
}

const personBody = (world: World) => ({
  email: world.freshEmail(),
  firstName: world.canary,
  lastName: world.canary,
});

const roleBody = (world: World) => ({
  key: `role-${nonce()}`,
  name: world.canary,
  description: world.canary,
  level: 20,
  grants: ['task.update:assignee'],
});

const teamBody = (world: World) => ({ name: `${world.canary} ${nonce()}`, description: world.canary });

/** Every route of the product. One that is missing here fails the build, and so does one that is here only. */
export const CASES: Record<string, Case> = {
  ...SIGN_IN_CASES,

  'GET /health': { fill: nothing, volatile: ['timestamp', 'connections', 'handles', 'ready'] },
  'GET /health/live': { fill: nothing },
  'GET /health/ready': { fill: nothing },
  'GET /ready': { fill: nothing },
  'GET /dev/mails': { fill: nothing },
  'GET /.well-known/jwks.json': { fill: nothing },

  'POST /api/v1/tenants': {
    fill: (world) => {
      const admin = { ...personBody(world), password: PASSWORD };
      return { body: { name: world.canary, slug: `fresh-${nonce()}`, admin } };
    },
  },
  'POST /api/v1/tenants/proofs': { fill: (world) => ({ body: { email: world.freshEmail() } }) },
  'GET /api/v1/tenants/availability': {
    fill: () => ({ query: [['slug', `free-${nonce()}`]] }),
  },
  'GET /api/v1/tenants/current': {
    fill: nothing,
    profile: ['name', 'slug', 'signInMethods', 'providers'],
    volatile: ['providers'],
  },

  'GET /api/v1/tenants/current/settings': { fill: nothing },
  'PATCH /api/v1/tenants/current/settings': {
    fill: async (world) => ({ body: { name: world.canary }, ifMatch: await world.etagOfTenant() }),
    volatile: ['version'],
    batch: 1,
  },
  'GET /api/v1/tenants/current/subscription': { fill: nothing },
  'GET /api/v1/tenants/current/usage': { fill: () => ({ query: [['from', '2026-01-01']] }), volatile: ['requests'] },
  'GET /api/v1/tenants/current/domains': { fill: nothing },
  'POST /api/v1/tenants/current/domains': {
    fill: async (world) => {
      await world.makeRoom('tenant_domains');
      return { body: { domain: `${world.canary}-${nonce()}.example.com` } };
    },
  },
  'GET /api/v1/tenants/current/domains/:id': { fill: (world) => ({ params: { id: world.domain.id } }) },
  'PUT /api/v1/tenants/current/domains/:id/verification': { fill: ownDomain },
  'PUT /api/v1/tenants/current/domains/:id/primary': {
    fill: async (world) => ({ params: { id: (await world.freshDomain({ verified: true })).id } }),
  },
  'DELETE /api/v1/tenants/current/domains/:id': { fill: ownDomain },
  'GET /api/v1/tenants/current/exports': { fill: nothing },
  'POST /api/v1/tenants/current/exports': {
    fill: async (world) => {
      await world.makeRoom('archives');
      return {};
    },
  },
  'GET /api/v1/tenants/current/exports/:id': { fill: (world) => ({ params: { id: world.exported.id } }) },
  'GET /api/v1/tenants/current/exports/:id/file': {
    fill: (world) => ({ params: { id: world.exported.id } }),
    // Who takes all data out is put on record.
    records: true,
  },
  'DELETE /api/v1/tenants/current/exports/:id': { fill: ownExport },

  'GET /api/v1/auth/api-keys': { fill: nothing },
  'POST /api/v1/auth/api-keys': {
    fill: async (world) => {
      await world.makeRoomForKeys(world.owner.id);
      return { body: keyBody(world) };
    },
  },
  'GET /api/v1/auth/api-keys/:id': { fill: (world) => ({ params: { id: world.keys[0]!.id } }) },
  'PATCH /api/v1/auth/api-keys/:id': {
    fill: async (world) => {
      const { id } = await world.freshKey(world.owner.id);
      return { params: { id }, body: { name: world.canary }, ifMatch: await world.etagOf('api_keys', id) };
    },
  },
  'POST /api/v1/auth/api-keys/:id/rotation': { fill: async (world) => ({ ...(await ownKey(world)), body: {} }) },
  'DELETE /api/v1/auth/api-keys/:id': { fill: ownKey },
  'GET /api/v1/service-accounts': { fill: nothing },
  'POST /api/v1/service-accounts': { fill: (world) => ({ body: { name: world.canary, roles: [world.roleKey] } }) },
  'GET /api/v1/service-accounts/:id': { fill: robotOf },
  'PATCH /api/v1/service-accounts/:id': {
    fill: async (world) => {
      const { id } = await world.freshRobot();
      return { params: { id }, body: { name: world.canary }, ifMatch: await world.etagOf('users', id) };
    },
  },
  'DELETE /api/v1/service-accounts/:id': { fill: ownRobot },
  'GET /api/v1/service-accounts/:id/api-keys': { fill: robotOf },
  'POST /api/v1/service-accounts/:id/api-keys': {
    fill: async (world) => {
      await world.makeRoomForKeys(world.robot.id);
      return { ...robotOf(world), body: keyBody(world) };
    },
  },
  'GET /api/v1/service-accounts/:id/api-keys/:keyId': {
    fill: (world) => ({ params: { id: world.robot.id, keyId: world.keys[1]!.id } }),
  },
  'POST /api/v1/service-accounts/:id/api-keys/:keyId/rotation': {
    fill: async (world) => ({ ...(await robotsKey(world)), body: {} }),
  },
  'DELETE /api/v1/service-accounts/:id/api-keys/:keyId': { fill: robotsKey },

  'GET /api/v1/tenants/current/sign-in-providers': { fill: nothing },
  'POST /api/v1/tenants/current/sign-in-providers': {
    fill: async (world) => {
      await world.makeRoomForProviders();
      return { body: { ...providerBody(world), key: `fresh-${nonce()}`, kind: 'github', role: world.roleKey } };
    },
  },
  'GET /api/v1/tenants/current/sign-in-providers/:id': { fill: (world) => ({ params: { id: world.provider.id } }) },
  'PATCH /api/v1/tenants/current/sign-in-providers/:id': {
    fill: async (world) => {
      const { id } = await world.freshProvider();
      const body = { ...providerBody(world), clientSecret: world.canary };
      return { params: { id }, body, ifMatch: await world.etagOf('sign_in_providers', id) };
    },
  },
  'DELETE /api/v1/tenants/current/sign-in-providers/:id': {
    fill: async (world) => ({ params: { id: (await world.freshProvider()).id } }),
  },
  'GET /api/v1/auth/oauth': { fill: nothing, profile: ['key', 'name'], volatile: ['key', 'name'] },
  'GET /api/v1/auth/oauth/:provider': { fill: (world) => ({ params: { provider: world.provider.key } }), sends: true },
  'GET /api/v1/auth/oauth/:provider/callback': {
    fill: async (world) => {
      const { state, cookie } = await world.freshAttempt();
      const query: [string, string][] = [
        ['state', state],
        ['error', 'access_denied'],
      ];
      return { params: { provider: world.provider.key }, query, headers: [['cookie', cookie]] };
    },
    sends: true,
  },
  'POST /api/v1/auth/oauth/exchange': {
    fill: async (world) => ({ body: { code: await world.freshSignInCode() } }),
    volatile: ['version'],
  },

  'GET /api/v1/roles': { fill: nothing },

  'GET /api/v1/users': { fill: nothing },
  'POST /api/v1/users': { fill: (world) => ({ body: { ...personBody(world), roles: [world.roleKey] } }) },
  'GET /api/v1/users/me': { fill: nothing },
  'PATCH /api/v1/users/me': {
    fill: async (world) => ({
      body: { firstName: world.canary },
      ifMatch: await world.etagOf('users', world.owner.id),
    }),
    volatile: ['version'],
    batch: 1,
  },
  'GET /api/v1/users/:id': { fill: (world) => ({ params: { id: world.member.id } }) },
  'PATCH /api/v1/users/:id': { fill: async (world) => ({ ...(await ownPerson(world)), body: personBody(world) }) },
  'PUT /api/v1/users/:id/roles': {
    fill: async (world) => ({ ...(await ownPerson(world)), body: { roles: [world.roleKey] } }),
  },

  'GET /api/v1/permissions': { fill: nothing },
  'POST /api/v1/roles': {
    fill: async (world) => {
      await world.makeRoomForRoles();
      return { body: roleBody(world) };
    },
  },
  'GET /api/v1/roles/:id': { fill: (world) => ({ params: { id: world.role.id } }) },
  'PATCH /api/v1/roles/:id': {
    fill: async (world) => ({ ...(await ownRole(world)), body: { name: world.canary, description: world.canary } }),
  },
  'DELETE /api/v1/roles/:id': { fill: ownRole },
  'GET /api/v1/users/:id/permissions': {
    fill: (world) => ({ params: { id: world.member.id }, query: [['explain', 'true']] }),
  },
  'GET /api/v1/users/:id/teams': { fill: (world) => ({ params: { id: world.mate.id } }) },
  'GET /api/v1/teams': { fill: nothing },
  'POST /api/v1/teams': { fill: (world) => ({ body: teamBody(world) }) },
  'GET /api/v1/teams/:id': { fill: ofTeam },
  'PATCH /api/v1/teams/:id': { fill: async (world) => ({ ...(await ownTeam(world)), body: teamBody(world) }) },
  'DELETE /api/v1/teams/:id': { fill: ownTeam },
  'GET /api/v1/teams/:id/members': { fill: ofTeam },
  'POST /api/v1/teams/:id/members': {
    fill: async (world) => ({ ...ofTeam(world), body: { userId: (await world.freshPerson()).id, role: 'lead' } }),
  },
  'GET /api/v1/teams/:id/members/:userId': {
    fill: (world) => ({ params: { id: world.team.id, userId: world.mate.id } }),
  },
  'PATCH /api/v1/teams/:id/members/:userId': {
    fill: async (world) => ({ ...(await ownTeamMember(world)), body: { role: 'lead' } }),
  },
  'DELETE /api/v1/teams/:id/members/:userId': { fill: ownTeamMember },
  'GET /api/v1/projects/:id/teams': { fill: inProject },
  'PUT /api/v1/projects/:id/teams/:teamId': {
    fill: async (world) => ({ ...(await ownProjectTeam(world)), body: { role: 'manager' } }),
  },
  'DELETE /api/v1/projects/:id/teams/:teamId': { fill: ownProjectTeam },

  ...PEOPLE_CASES,
  ...DEPENDENCY_CASES,
  ...PLANNING_CASES,
  ...CONVERSATION_CASES,
  ...TIME_CASES,

  'GET /api/v1/search': { fill: (world) => ({ query: [['q', world.canary]] }) },
  'GET /api/v1/search/settings': { fill: nothing, volatile: ['pending'] },
  'PUT /api/v1/search/settings': {
    fill: async (world) => ({
      body: { language: await otherLanguage(world) },
      ifMatch: await world.etagOf('settings', 'search', 'key'),
    }),
    batch: 1,
    volatile: ['pending', 'version', 'language'],
  },

  'GET /api/v1/projects': { fill: nothing },
  'POST /api/v1/projects': { fill: (world) => ({ body: projectBody(world) }) },
  'GET /api/v1/projects/:id': { fill: inProject },
  'PATCH /api/v1/projects/:id': {
    fill: async (world) => ({ ...(await ownProject(world)), body: projectBody(world) }),
  },
  'DELETE /api/v1/projects/:id': { fill: ownProject },
  'GET /api/v1/projects/:id/members': { fill: inProject },
  'POST /api/v1/projects/:id/members': {
    fill: async (world) => ({ ...inProject(world), body: { userId: (await world.freshPerson()).id, role: 'viewer' } }),
  },
  'GET /api/v1/projects/:id/members/:userId': {
    fill: (world) => ({ params: { id: world.project.id, userId: world.member.id } }),
  },
  'PATCH /api/v1/projects/:id/members/:userId': {
    fill: async (world) => ({ ...(await ownMember(world)), body: { role: 'manager' } }),
  },
  'DELETE /api/v1/projects/:id/members/:userId': { fill: ownMember },
  'GET /api/v1/projects/:id/tasks': { fill: inProject },
  'GET /api/v1/projects/:id/metrics': { fill: inProject },
  'GET /api/v1/analytics/projects/:id/metrics': { fill: inProject },

  'GET /api/v1/tasks': { fill: nothing },
  'POST /api/v1/tasks': { fill: (world) => ({ body: { projectId: world.project.id, ...taskBody(world) } }) },
  'GET /api/v1/tasks/:id': { fill: onTask },
  'PATCH /api/v1/tasks/:id': { fill: async (world) => ({ ...(await ownTask(world)), body: taskBody(world) }) },
  'DELETE /api/v1/tasks/:id': { fill: ownTask },
  'PUT /api/v1/tasks/:id/assignee': {
    fill: async (world) => ({ ...(await ownTask(world)), body: { assigneeId: world.member.id } }),
  },
  'PUT /api/v1/tasks/:id/status': { fill: async (world) => ({ ...(await ownTask(world)), body: { status: 'done' } }) },
  'GET /api/v1/tasks/:id/history': { fill: onTask },
  'GET /api/v1/tasks/:id/comments': { fill: onTask },
  'POST /api/v1/tasks/:id/comments': {
    fill: (world) => ({ ...onTask(world), body: { body: world.canary, parentId: world.comment.id } }),
  },
  'GET /api/v1/comments/:id': { fill: (world) => ({ params: { id: world.comment.id } }) },
  'PATCH /api/v1/comments/:id': {
    fill: async (world) => ({ ...(await ownComment(world)), body: { body: world.canary } }),
  },
  'DELETE /api/v1/comments/:id': { fill: ownComment },
};

/** The route asked as the world's owner, or as nobody where nobody needs to sign in. */
export async function requestOf(route: Route, { fill }: Case, world: World): Promise<Request> {
  const { access, method, path } = route;
  const { ifMatch, headers: more = [], ...filling } = await fill(world);
  const headers: Request['headers'] = [...more];
  if (access?.kind !== 'public') headers.push(['authorization', `Bearer ${world.owner.accessToken}`]);
  if (access?.kind !== 'public' || access.tenant) headers.push(['x-tenant-domain', world.slug]);
  if (ifMatch) headers.push(['if-match', ifMatch]);
  return { method, path, params: {}, query: [], headers, ...filling };
}
