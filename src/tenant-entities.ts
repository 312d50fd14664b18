import { ApiKey } from './api-keys/api-key.entity.ts';
import { Session } from './sessions/session.entity.ts';
import { Attachment } from './attachments/attachment.entity.ts';
import { Comment } from './comments/comment.entity.ts';
import { ProjectMember } from './projects/project-member.entity.ts';
import { Credential } from './platform/credentials/credential.entity.ts';
import { Token } from './platform/tokens/token.entity.ts';
import { TenantSetting } from './platform/tenant-settings/tenant-setting.entity.ts';
import { StoredAuditEvent } from './platform/audit/audit-event.entity.ts';
import { ProjectTeam } from './projects/project-team.entity.ts';
import { Holiday } from './holidays/holiday.entity.ts';
import { TimeOff } from './calendars/time-off.entity.ts';
import { WorkingWeek } from './calendars/working-week.entity.ts';
import { Invitation } from './invitations/invitation.entity.ts';
import { SignInProvider } from './sign-in-providers/sign-in-provider.entity.ts';
import { TaskDependency } from './dependencies/task-dependency.entity.ts';
import { Project } from './projects/project.entity.ts';
import { ResourceAssignment } from './resources/resource-assignment.entity.ts';
import { Role } from './roles/role.entity.ts';
import { Milestone } from './milestones/milestone.entity.ts';
import { TaskWatcher } from './watchers/task-watcher.entity.ts';
import { Task } from './tasks/task.entity.ts';
import { TimeEntry } from './time-entries/time-entry.entity.ts';
import { TimesheetWeek } from './timesheets/timesheet-week.entity.ts';
import { TeamMember } from './teams/team-member.entity.ts';
import { Team } from './teams/team.entity.ts';
import { User } from './users/user.entity.ts';

/** Every table of a tenant's schema. Their metadata is compiled once and shared by all tenants. */
export const tenantEntities = [
  Role,
  User,
  Team,
  TeamMember,
  Session,
  ApiKey,
  SignInProvider,
  Project,
  ProjectMember,
  ProjectTeam,
  Task,
  TaskDependency,
  TaskWatcher,
  Milestone,
  Comment,
  Attachment,
  StoredAuditEvent,
  Credential,
  Token,
  TenantSetting,
  Invitation,
  WorkingWeek,
  Holiday,
  TimeOff,
  TimeEntry,
  TimesheetWeek,
  ResourceAssignment,
];
