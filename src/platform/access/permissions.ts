/**
 * Everything that can be permitted, with the sentence that the role editor and the docs show.
 * A route names one of these in @Requires; a role holds them as grants.
 */
export const PERMISSIONS = {
  'tenant.read': "see the organisation's settings",
  'tenant.update': "change the organisation's settings",
  'tenant.export': 'take all data of the organisation out, as one file',
  'tenant.security': 'decide how people sign in to the organisation',
  'key.create': 'have API keys of their own',
  'key.manage': 'keep service accounts and their API keys',
  'user.read': 'see the people of the organisation',
  'user.create': 'add people',
  'user.update': 'change and deactivate people, and give them roles',
  'role.read': 'see roles and what they permit',
  'project.read': 'see projects',
  'project.create': 'create projects',
  'project.update': 'change projects and their members',
  'project.delete': 'delete projects',
  'task.read': 'see tasks, their comments and history',
  'task.create': 'create tasks',
  'task.update': 'change, assign and move tasks',
  'task.delete': 'delete tasks',
  'task.comment': 'comment on tasks',
  'analytics.read': 'see the figures of projects',
} as const;

export type Permission = keyof typeof PERMISSIONS;

/**
 * On which records a permission holds: `member` of the record's project; `involved` as its assignee or reporter (and
 * still a member of the project). Without a condition: on every record of the tenant.
 */
export type Condition = 'member' | 'involved';

/** `*`, `task.read`, or with a condition `task.read:member`. */
export type Grant = '*' | Permission | `${Permission}:${Condition}`;

export const PROJECT_ROLES = ['manager', 'member', 'viewer'] as const;
export type ProjectRole = (typeof PROJECT_ROLES)[number];

/** What a role in one project adds there, whatever the person's roles in the organisation are. */
export const PROJECT_ROLE_GRANTS: Record<ProjectRole, readonly Grant[]> = {
  manager: [
    'project.read:member',
    'project.update:member',
    'task.read:member',
    'task.create:member',
    'task.update:member',
    'task.delete:member',
    'task.comment:member',
    'analytics.read:member',
  ],
  member: [
    'project.read:member',
    'task.read:member',
    'task.create:member',
    'task.update:involved',
    'task.comment:member',
  ],
  viewer: ['project.read:member', 'task.read:member'],
};
