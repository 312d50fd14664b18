import type { RoleKey } from '../support/tenant.ts';

export const ROLES = ['owner', 'admin', 'manager', 'member', 'viewer', 'guest'] as const satisfies RoleKey[];

/**
 * Where the actor stands towards the record: in its project (as a viewer there, which adds nothing to any role), involved
 * in the task or author of the comment besides, or not in its project at all.
 */
export type Place = 'own' | 'in' | 'out';

export interface Row {
  /** As the router has it, below /api/v1. */
  route: string;
  /** Which record, where a route has several tales. */
  variant: string;
  cells: { role: RoleKey; place: Place; status: number }[];
}

/*
 * 404: the record is not seen. 403: it is seen, but this may not be done to it; also for a role that may do this nowhere,
 * which is said before the record is looked for. 400: a body speaks of a project that is not seen.
 */

const ORGANISATION = `
                                                owner   admin   manager member  viewer  guest
  GET    /tenants/current/settings              200     200     403     403     403     403
  PATCH  /tenants/current/settings              200     403     403     403     403     403
  GET    /tenants/current/subscription          200     200     403     403     403     403
  GET    /tenants/current/usage                 200     200     403     403     403     403
  GET    /tenants/current/domains               200     200     403     403     403     403
  POST   /tenants/current/domains               201     403     403     403     403     403
  GET    /tenants/current/domains/:id           200     200     403     403     403     403
  PUT    /tenants/current/domains/:id/verification  200 403     403     403     403     403
  PUT    /tenants/current/domains/:id/primary   200     403     403     403     403     403
  DELETE /tenants/current/domains/:id           204     403     403     403     403     403
  GET    /tenants/current/exports               200     403     403     403     403     403
  POST   /tenants/current/exports               201     403     403     403     403     403
  GET    /tenants/current/exports/:id           200     403     403     403     403     403
  GET    /tenants/current/exports/:id/file      200     403     403     403     403     403
  DELETE /tenants/current/exports/:id           204     403     403     403     403     403
  GET    /projects                              200     200     200     200     200     200
  POST   /projects                              201     201     201     403     403     403
  GET    /tasks                                 200     200     200     200     200     200
  GET    /roles                                 200     200     200     403     403     403
  GET    /users                                 200     200     200     200     403     403
  GET    /users/:id                             200     200     200     200     403     403
  POST   /users                                 201     201     403     403     403     403
  POST   /users             made admin          201     201     403     403     403     403
  POST   /users             made owner          201     403     403     403     403     403
  PATCH  /users/:id                             200     200     403     403     403     403
  PATCH  /users/:id         an admin            200     200     403     403     403     403
  PATCH  /users/:id         an owner            200     403     403     403     403     403
  PATCH  /users/:id         off                 200     200     403     403     403     403
  PATCH  /users/:id         off, an owner       200     403     403     403     403     403
  PUT    /users/:id/roles                       200     200     403     403     403     403
  PUT    /users/:id/roles   made admin          200     200     403     403     403     403
  PUT    /users/:id/roles   made owner          200     403     403     403     403     403
  PUT    /users/:id/roles   an owner            200     403     403     403     403     403
`;

const KEYS = `
                                                owner   admin   manager member  viewer  guest
  POST   /auth/api-keys                         201     201     201     201     403     403
  POST   /auth/api-keys/:id/rotation            200     200     200     200     403     403
  GET    /service-accounts                      200     200     403     403     403     403
  POST   /service-accounts                      201     201     403     403     403     403
  POST   /service-accounts  made admin          201     201     403     403     403     403
  GET    /service-accounts/:id                  200     200     403     403     403     403
  PATCH  /service-accounts/:id                  200     200     403     403     403     403
  DELETE /service-accounts/:id                  204     204     403     403     403     403
  GET    /service-accounts/:id/api-keys  200     200     403     403     403     403
  POST   /service-accounts/:id/api-keys  201     201     403     403     403     403
  GET    /service-accounts/:id/api-keys/:keyId           200 200 403 403 403     403
  POST   /service-accounts/:id/api-keys/:keyId/rotation  200 200 403 403 403     403
  DELETE /service-accounts/:id/api-keys/:keyId           204 204 403 403 403     403
`;

const SIGN_IN_PROVIDERS = `
                                                      owner   admin   manager member  viewer  guest
  GET    /tenants/current/sign-in-providers           200     403     403     403     403     403
  POST   /tenants/current/sign-in-providers           201     403     403     403     403     403
  GET    /tenants/current/sign-in-providers/:id       200     403     403     403     403     403
  PATCH  /tenants/current/sign-in-providers/:id       200     403     403     403     403     403
  DELETE /tenants/current/sign-in-providers/:id       204     403     403     403     403     403
`;

const PROJECTS = `
                                                owner        admin        manager      member       viewer       guest
                                                in    out    in    out    in    out    in    out    in    out   in    out
  GET    /projects/:id                          200   200    200   200    200   200    200   404    200   404    200   404
  PATCH  /projects/:id                          200   200    200   200    200   403    403   403    403   403    403   403
  DELETE /projects/:id                          204   204    204   204    403   403    403   403    403   403    403   403
  GET    /projects/:id/members                  200   200    200   200    200   200    200   404    200   404    200   404
  POST   /projects/:id/members                  201   201    201   201    201   403    403   403    403   403    403   403
  GET    /projects/:id/members/:userId          200   200    200   200    200   200    200   404    200   404    200   404
  PATCH  /projects/:id/members/:userId          200   200    200   200    200   403    403   403    403   403    403   403
  DELETE /projects/:id/members/:userId          204   204    204   204    204   403    403   403    403   403    403   403
  GET    /projects/:id/tasks                    200   200    200   200    200   403    200   404    200   404    200   404
  GET    /projects/:id/metrics                  200   200    200   200    200   403    403   403    403   403    403   403
  GET    /analytics/projects/:id/metrics        200   200    200   200    200   403    403   403    403   403    403   403
  POST   /tasks                                 201   201    201   201    201   403    201   400    403   403    403   403
`;

const TASKS = `
                                owner             admin             manager           member            viewer            guest
                                own   in    out   own   in    out   own   in    out   own   in    out   own   in    out   own   in    out
  GET    /tasks/:id             200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  GET    /tasks/:id/history     200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  GET    /tasks/:id/comments    200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  PATCH  /tasks/:id             200   200   200   200   200   200   200   200   404   200   403   404   403   403   403   403   403   403
  PUT    /tasks/:id/assignee    200   200   200   200   200   200   200   200   404   200   403   404   403   403   403   403   403   403
  PUT    /tasks/:id/status      200   200   200   200   200   200   200   200   404   200   403   404   403   403   403   403   403   403
  DELETE /tasks/:id             204   204   204   204   204   204   204   204   404   403   403   403   403   403   403   403   403   403
  POST   /tasks/:id/comments    201   201   201   201   201   201   201   201   404   201   201   404   403   403   403   403   403   403
  GET    /comments/:id          200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  PATCH  /comments/:id          200   403   403   200   403   403   200   403   404   200   403   404   403   403   403   403   403   403
  DELETE /comments/:id          204   204   204   204   204   204   204   204   404   204   403   404   403   403   403   403   403   403
  GET    /comments/:id/history  200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  PUT    /comments/:id/reactions/:emoji     200   200   200   200   200   200   200   200   404   200   200   404   403   403   403   403   403   403
  DELETE /comments/:id/reactions/:emoji     200   200   200   200   200   200   200   200   404   200   200   404   403   403   403   403   403   403
  GET    /tasks/:id/attachments              200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  POST   /tasks/:id/attachments              201   201   201   201   201   201   201   201   404   201   201   404   403   403   403   403   403   403
  GET    /attachments/:id                    200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  GET    /attachments/:id/file               200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  GET    /attachments/:id/thumbnail          200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  POST   /attachments/:id/links              200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  DELETE /attachments/:id                    204   204   204   204   204   204   204   204   404   204   403   404   403   403   403   403   403   403
`;

const ROLES_AND_TEAMS = `
                                                owner   admin   manager member  viewer  guest
  GET    /permissions                           200     200     200     403     403     403
  POST   /roles                                 201     403     403     403     403     403
  GET    /roles/:id                             200     200     200     403     403     403
  PATCH  /roles/:id                             200     403     403     403     403     403
  DELETE /roles/:id                             204     403     403     403     403     403
  POST   /users             made guest          201     201     403     403     403     403
  PUT    /users/:id/roles   made guest          200     200     403     403     403     403
  GET    /teams                                 200     200     200     200     403     403
  POST   /teams                                 201     201     403     403     403     403
  GET    /teams/:id                             200     200     200     200     403     403
  PATCH  /teams/:id                             200     200     403     403     403     403
  PATCH  /teams/:id         led                 200     200     200     200     403     403
  DELETE /teams/:id                             204     204     403     403     403     403
  DELETE /teams/:id         led                 204     204     403     403     403     403
  GET    /teams/:id/members                     200     200     200     200     403     403
  POST   /teams/:id/members                     201     201     403     403     403     403
  POST   /teams/:id/members  led                201     201     201     201     403     403
  GET    /teams/:id/members/:userId             200     200     200     200     403     403
  PATCH  /teams/:id/members/:userId             200     200     403     403     403     403
  PATCH  /teams/:id/members/:userId  led        200     200     200     200     403     403
  DELETE /teams/:id/members/:userId             204     204     403     403     403     403
  DELETE /teams/:id/members/:userId  led        204     204     204     204     403     403
`;

const TEAMS_IN_PROJECTS = `
                                                owner        admin        manager      member       viewer       guest
                                                in    out    in    out    in    out    in    out    in    out    in    out
  GET    /projects/:id/teams                    200   200    200   200    200   200    200   404    200   404    200   404
  PUT    /projects/:id/teams/:teamId            200   200    200   200    200   403    403   403    403   403    403   403
  DELETE /projects/:id/teams/:teamId            204   204    204   204    204   403    403   403    403   403    403   403
`;

const PLANS = `
                                                owner        admin        manager      member       viewer       guest
                                                in    out    in    out    in    out    in    out    in    out    in    out
  PUT    /projects/:id/archive                  200   200    200   200    200   403    403   403    403   403    403   403
  DELETE /projects/:id/archive                  200   200    200   200    200   403    403   403    403   403    403   403
  POST   /projects/:id/restoration              200   200    200   200    403   403    403   403    403   403    403   403
  GET    /projects/:id/activity                 200   200    200   200    200   200    200   404    200   404    200   404
  GET    /projects/:id/milestones               200   200    200   200    200   200    200   404    200   404    200   404
  POST   /projects/:id/milestones               201   201    201   201    201   403    403   403    403   403    403   403
  GET    /milestones/:id                        200   200    200   200    200   200    200   404    200   404    200   404
  PATCH  /milestones/:id                        200   200    200   200    200   403    403   403    403   403    403   403
  DELETE /milestones/:id                        204   204    204   204    204   403    403   403    403   403    403   403
  PUT    /milestones/:id/completion             200   200    200   200    200   403    403   403    403   403    403   403
  DELETE /milestones/:id/completion             200   200    200   200    200   403    403   403    403   403    403   403
  GET    /projects/:id/workflow                 200   200    200   200    200   200    200   404    200   404    200   404
  PUT    /projects/:id/workflow                 200   200    200   200    200   403    403   403    403   403    403   403
  GET    /projects/:id/board                    200   200    200   200    200   403    200   404    200   404    200   404
  GET    /projects/:id/deleted-tasks            200   200    200   200    200   403    403   403    403   403    403   403
`;

const TRASH = `
                                                owner   admin   manager member  viewer  guest
  GET    /projects/deleted                      200     200     403     403     403     403
`;

const MORE_ON_TASKS = `
                                owner             admin             manager           member            viewer            guest
                                own   in    out   own   in    out   own   in    out   own   in    out   own   in    out   own   in    out
  PUT    /tasks/:id/position    200   200   200   200   200   200   200   200   404   200   403   404   403   403   403   403   403   403
  POST   /tasks/:id/restoration 200   200   200   200   200   200   200   200   404   403   403   403   403   403   403   403   403   403
  GET    /tasks/:id/roll-up     200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  GET    /tasks/:id/watchers    200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  PUT    /tasks/:id/watchers/:userId     200 200 200   200 200 200   200 200 404   200 403 404   403 403 404   403 403 404
  DELETE /tasks/:id/watchers/:userId     204 204 204   204 204 204   204 204 404   204 403 404   403 403 404   403 403 404
`;

const BULK = `
                                                owner   admin   manager member  viewer  guest
  POST   /tasks/bulk                            200     200     200     200     403     403
  GET    /tasks/bulk/:id                        200     200     200     200     403     403
`;

const SECURITY = `
                                                owner   admin   manager member  viewer  guest
  GET    /tenants/current/security              200     200     403     403     403     403
  PATCH  /tenants/current/security              200     403     403     403     403     403
  GET    /tenants/current/audit-log             200     200     403     403     403     403
  GET    /tenants/current/audit-log/:id         200     200     403     403     403     403
  GET    /invitations                           200     200     403     403     403     403
  POST   /invitations                           201     201     403     403     403     403
  POST   /invitations       made admin          201     201     403     403     403     403
  POST   /invitations       made owner          201     403     403     403     403     403
  GET    /invitations/:id                       200     200     403     403     403     403
  POST   /invitations/:id/resend                200     200     403     403     403     403
  POST   /invitations/:id/resend  made owner    200     403     403     403     403     403
  DELETE /invitations/:id                       204     204     403     403     403     403
  GET    /users/:id/sessions                    200     200     403     403     403     403
  GET    /users/:id/sessions  an owner          200     403     403     403     403     403
  DELETE /users/:id/sessions                    204     204     403     403     403     403
  DELETE /users/:id/sessions  an owner          204     403     403     403     403     403
  DELETE /users/:id/lockout                     204     204     403     403     403     403
  DELETE /users/:id/lockout  an owner           204     403     403     403     403     403
  DELETE /users/:id/second-factors              204     204     403     403     403     403
  DELETE /users/:id/second-factors  an owner    204     403     403     403     403     403
`;

const PEOPLE = `
                                                owner   admin   manager member  viewer  guest
  PUT    /users/:id/avatar                      200     200     403     403     403     403
  PUT    /users/:id/avatar  an owner            200     403     403     403     403     403
  DELETE /users/:id/avatar                      204     204     403     403     403     403
  DELETE /users/:id/avatar  an owner            204     403     403     403     403     403
  DELETE /users/:id                             204     403     403     403     403     403
  DELETE /users/:id         an owner            204     403     403     403     403     403
  PUT    /calendars/default                     200     403     403     403     403     403
  POST   /calendars/holidays                    201     403     403     403     403     403
  POST   /calendars/holidays/import             200     403     403     403     403     403
  DELETE /calendars/holidays/:id                204     403     403     403     403     403
`;

const SCHEDULES = `
                                                owner        admin        manager      member       viewer       guest
                                                in    out    in    out    in    out    in    out    in    out    in    out
  GET    /projects/:id/blocked-tasks            200   200    200   200    200   403    200   404    200   404    200   404
  GET    /projects/:id/timeline                 200   200    200   200    200   403    200   404    200   404    200   404
  POST   /projects/:id/schedule                 200   200    200   200    200   403    403   404    403   403    403   403
`;

const DEPENDENCIES = `
                                                     owner             admin             manager           member            viewer            guest
                                                     own   in    out   own   in    out   own   in    out   own   in    out   own   in    out   own   in    out
  GET    /tasks/:id/dependencies                     200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  POST   /tasks/:id/dependencies                     201   201   201   201   201   201   201   201   404   201   403   404   403   403   403   403   403   403
  GET    /tasks/:id/dependencies/:dependencyId       200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  PATCH  /tasks/:id/dependencies/:dependencyId       200   200   200   200   200   200   200   200   404   200   403   404   403   403   403   403   403   403
  DELETE /tasks/:id/dependencies/:dependencyId       204   204   204   204   204   204   204   204   404   204   403   404   403   403   403   403   403   403
  GET    /tasks/:id/dependency-graph                 200   200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
`;

const TIME = `
                                owner             admin             manager           member            viewer            guest
                                own   in    out   own   in    out   own   in    out   own   in    out   own   in    out   own   in    out
  GET    /time-entries          200   200   200   200   200   200   200   200   200   200   200   200   200   200   200   200   200   200
  GET    /time-entries/running  200   200   200   200   200   200   200   200   200   200   200   200   403   403   403   403   403   403
  GET    /time-entries/totals   200   200   200   200   200   200   200   200   200   200   200   200   200   200   200   200   200   200
  GET    /time-entries/:id      200   200   200   200   200   200   200   200   404   200   404   404   200   404   404   200   404   404
  GET    /time-entries/:id/history  200 200 200   200   200   200   200   200   404   200   404   404   200   404   404   200   404   404
  PATCH  /time-entries/:id      200   200   200   200   200   200   200   200   404   200   404   404   403   403   403   403   403   403
  DELETE /time-entries/:id      204   204   204   204   204   204   204   204   404   204   404   404   403   403   403   403   403   403
  POST   /time-entries/:id/stop 200   200   200   200   200   200   200   200   404   200   404   404   403   403   403   403   403   403
  GET    /tasks/:id/time-entries  200 200   200   200   200   200   200   200   404   200   200   404   200   200   404   200   200   404
  POST   /tasks/:id/time-entries  201 201   201   201   201   201   201   201   404   201   201   404   403   403   403   403   403   403
  POST   /tasks/:id/time-entries  of another  201 201 201  201 201 201  201 201 404   403   403   404   403   403   403   403   403   403
  POST   /tasks/:id/time-entries/start  201 201 201  201 201 201  201 201 404   201   201   404   403   403   403   403   403   403
`;

const TIME_AND_RESOURCES = `
                                                owner        admin        manager      member       viewer       guest
                                                in    out    in    out    in    out    in    out    in    out    in    out
  GET    /projects/:id/time-rules               200   200    200   200    200   200    200   404    200   404    200   404
  PUT    /projects/:id/time-rules               200   200    200   200    200   403    403   403    403   403    403   403
  GET    /projects/:id/resources                200   200    200   200    200   403    403   403    403   403    403   403
  POST   /projects/:id/resources                201   201    201   201    201   403    403   403    403   403    403   403
  GET    /projects/:id/resources/:resourceId    200   200    200   200    200   403    403   403    403   403    403   403
  PATCH  /projects/:id/resources/:resourceId    200   200    200   200    200   403    403   403    403   403    403   403
  DELETE /projects/:id/resources/:resourceId    204   204    204   204    204   403    403   403    403   403    403   403
  GET    /projects/:id/utilization              200   200    200   200    200   403    403   403    403   403    403   403
`;

const TIMESHEETS = `
                                                owner   admin   manager member  viewer  guest
  GET    /users/:id/timesheets                  200     200     403     403     403     403
  PUT    /users/:id/timesheets/:week/approval   200     200     403     403     403     403
  DELETE /users/:id/timesheets/:week/approval   204     204     403     403     403     403
  GET    /resources/utilization                 200     200     403     403     403     403
  GET    /resources/over-allocations            200     200     200     403     403     403
`;

const SEARCH = `
                                                owner   admin   manager member  viewer  guest
  GET    /search/settings                       200     200     403     403     403     403
  PUT    /search/settings                       200     403     403     403     403     403
`;

const LINE = /^ {2}([A-Z]+) +(\/\S+)(.*?)((?: +\d{3})+)$/;

export const MATRIX: Row[] = [
  ...parse(ORGANISATION, ['in']),
  ...parse(KEYS, ['in']),
  ...parse(SIGN_IN_PROVIDERS, ['in']),
  ...parse(PROJECTS, ['in', 'out']),
  ...parse(TASKS, ['own', 'in', 'out']),
  ...parse(ROLES_AND_TEAMS, ['in']),
  ...parse(TEAMS_IN_PROJECTS, ['in', 'out']),
  ...parse(PLANS, ['in', 'out']),
  ...parse(TRASH, ['in']),
  ...parse(MORE_ON_TASKS, ['own', 'in', 'out']),
  ...parse(BULK, ['in']),
  ...parse(SECURITY, ['in']),
  ...parse(PEOPLE, ['in']),
  ...parse(SCHEDULES, ['in', 'out']),
  ...parse(DEPENDENCIES, ['own', 'in', 'out']),
  ...parse(TIME, ['own', 'in', 'out']),
  ...parse(TIME_AND_RESOURCES, ['in', 'out']),
  ...parse(TIMESHEETS, ['in']),
  ...parse(SEARCH, ['in']),
];

function parse(table: string, places: Place[]): Row[] {
  return table
    .split('\n')
    .filter((line) => /\d{3}/.test(line))
    .map((line) => {
      const [, method, path, variant, statuses] = LINE.exec(line) ?? [];
      const numbers = (statuses ?? '').trim().split(/ +/).map(Number);
      if (numbers.length !== ROLES.length * places.length) throw new Error(`not a row of the table: ${line}`);
      const cells = ROLES.flatMap((role, r) =>
        places.map((place, p) => ({ role, place, status: numbers[r * places.length + p]! })),
      );
      return { route: `${method} ${path}`, variant: (variant ?? '').trim(), cells };
    });
}
