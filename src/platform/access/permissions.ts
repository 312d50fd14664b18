/**
 * Everything that can be permitted, with the sentence that the role editor and the docs show.
 * A route names one of these in @Requires; a role holds them as grants.
 */
export const PERMISSIONS = {
  'tenant.read': "see the organisation's settings",
  'tenant.update': "change the organisation's settings",
  'tenant.export': 'take all data of the organisation out, as one file',
  'tenant.security': 'say how people sign in, and for how long',
  'audit.read': 'see who did what in the organisation',
  'user.read': 'see the people of the organisation',
  'user.create': 'add people',
  'user.invite': 'invite people',
  'user.update': 'change and deactivate people, and give them roles',
  'user.delete': 'delete people for good',
  'role.read': 'see roles and what they permit',
  'role.create': "make roles of the organisation's own",
  'role.update': "change roles of the organisation's own",
  'role.delete': "delete roles of the organisation's own",
  'team.read': 'see teams and who is in them',
  'team.create': 'create teams',
  'team.update': 'change teams and say who is in them',
  'team.delete': 'delete teams',
  'key.create': 'make API keys for oneself',
  'key.manage': 'see and end the API keys of others, and keep service accounts',
  'project.read': 'see projects',
  'project.create': 'create projects',
  'project.update': 'change projects, their members and their teams',
  'project.delete': 'delete projects',
  'task.read': 'see tasks, their comments, files and history',
  'task.create': 'create tasks',
  'task.update': 'change, assign and move tasks',
  'task.delete': 'delete tasks',
  'task.comment': 'comment on tasks and attach files',
  'time.log': "log one's own time on tasks",
  'time.manage': 'see, correct and approve the time of others',
  'analytics.read': 'see the figures of projects',
} as const;

export type Permission = keyof typeof PERMISSIONS;

/**
 * On which records a permission holds. All but `lead` also demand that the person is in the record's project, directly
 * or through a team: an assignee who has left the project is nobody there.
 */
export const CONDITIONS = {
  member: 'in projects that the person is in',
  owner: 'in projects that the person owns',
  team: 'in projects that one of their teams was given',
  involved: 'on tasks that the person is the assignee or the reporter of',
  assignee: 'on tasks that are assigned to the person',
  reporter: 'on tasks that the person has reported',
  lead: 'in teams that the person leads',
} as const;

export type Condition = keyof typeof CONDITIONS;

/** The wider conditions that each one lies within: whoever holds a permission on those records holds it on these. */
export const WITHIN: Record<Condition, readonly Condition[]> = {
  member: [],
  owner: ['member'],
  team: ['member'],
  involved: ['member'],
  assignee: ['involved', 'member'],
  reporter: ['involved', 'member'],
  lead: [],
};

const OF_A_PROJECT = ['member', 'owner', 'team'] as const;
const OF_A_TASK = ['member', 'owner', 'team', 'involved', 'assignee', 'reporter'] as const;

const FITTING: Partial<Record<Permission, readonly Condition[]>> = {
  'team.update': ['lead'],
  'project.read': OF_A_PROJECT,
  'project.update': OF_A_PROJECT,
  'project.delete': OF_A_PROJECT,
  'task.read': OF_A_TASK,
  'task.create': OF_A_PROJECT,
  'task.update': OF_A_TASK,
  'task.delete': OF_A_TASK,
  'task.comment': OF_A_TASK,
  'time.log': OF_A_TASK,
  'time.manage': OF_A_PROJECT,
  'analytics.read': OF_A_PROJECT,
};

/** The conditions that a permission can carry; none where its records belong to no project and no team. */
export function conditionsOf(permission: Permission): readonly Condition[] {
  return FITTING[permission] ?? [];
}

/** `*`, `task.read`, or with a condition `task.read:member`. Without one: on every record of the tenant. */
export type Grant = '*' | Permission | `${Permission}:${Condition}`;

/** Highest first. */
export const PROJECT_ROLES = ['manager', 'member', 'viewer'] as const;
export type ProjectRole = (typeof PROJECT_ROLES)[number];

/**
 * What a role in one project adds there, whatever the person's roles in the organisation are. A higher one holds what a
 * lower one does: of several, direct or through teams, the highest counts.
 */
export const PROJECT_ROLE_GRANTS: Record<ProjectRole, readonly Grant[]> = {
  manager: [
    'project.read:member',
    'project.update:member',
    'task.read:member',
    'task.create:member',
    'task.update:member',
    'task.delete:member',
    'task.comment:member',
    'time.log:member',
    'time.manage:member',
    'analytics.read:member',
  ],
  member: [
    'project.read:member',
    'task.read:member',
    'task.create:member',
    'task.update:involved',
    'task.comment:member',
    'time.log:member',
  ],
  viewer: ['project.read:member', 'task.read:member'],
};
