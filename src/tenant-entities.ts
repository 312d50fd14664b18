import { ApiKey } from './api-keys/api-key.entity.ts';
import { RefreshToken } from './sessions/refresh-token.entity.ts';
import { Session } from './sessions/session.entity.ts';
import { BulkRun } from './bulk/bulk-run.entity.ts';
import { Attachment } from './attachments/attachment.entity.ts';
import { Comment } from './comments/comment.entity.ts';
import { ProjectMember } from './projects/project-member.entity.ts';
import { Password } from './passwords/password.entity.ts';
import { FailedSignIn } from './passwords/failed-sign-in.entity.ts';
import { OneTimeToken } from './platform/tokens/one-time-token.entity.ts';
import { IdempotencyKey } from './platform/idempotency/idempotency-key.entity.ts';
import { StoredAuditEvent } from './platform/audit/audit-event.entity.ts';
import { ProjectTeam } from './projects/project-team.entity.ts';
import { EmailChange } from './email-addresses/email-change.entity.ts';
import { Holiday } from './holidays/holiday.entity.ts';
import { TimeOff } from './calendars/time-off.entity.ts';
import { WorkingWeek } from './calendars/working-week.entity.ts';
import { Invitation } from './invitations/invitation.entity.ts';
import { SignInAttempt } from './oauth/sign-in-attempt.entity.ts';
import { SignInCode } from './oauth/sign-in-code.entity.ts';
import { SignInIdentity } from './oauth/sign-in-identity.entity.ts';
import { SignInProvider } from './sign-in-providers/sign-in-provider.entity.ts';
import { TaskDependency } from './dependencies/task-dependency.entity.ts';
import { Project } from './projects/project.entity.ts';
import { ResourceAssignment } from './resources/resource-assignment.entity.ts';
import { Role } from './roles/role.entity.ts';
import { SearchSettings } from './search/search-settings.entity.ts';
import { Passkey } from './second-factors/passkey.entity.ts';
import { RecoveryCode } from './second-factors/recovery-code.entity.ts';
import { SecurityPolicy } from './second-factors/security-policy.entity.ts';
import { TotpSecret } from './second-factors/totp-secret.entity.ts';
import { Milestone } from './milestones/milestone.entity.ts';
import { TaskWatcher } from './watchers/task-watcher.entity.ts';
import { Task } from './tasks/task.entity.ts';
import { TimeEntry } from './time-entries/time-entry.entity.ts';
import { TimesheetWeek } from './timesheets/timesheet-week.entity.ts';
import { TeamMember } from './teams/team-member.entity.ts';
import { Team } from './teams/team.entity.ts';
import { UserRole } from './users/user-role.entity.ts';
import { User } from './users/user.entity.ts';

/** Every table of a tenant's schema. Their metadata is compiled once and shared by all tenants. */
export const tenantEntities = [
  Role,
  User,
  UserRole,
  Team,
  TeamMember,
  Session,
  RefreshToken,
  ApiKey,
  SignInProvider,
  SignInIdentity,
  SignInAttempt,
  SignInCode,
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
  IdempotencyKey,
  BulkRun,
  Password,
  FailedSignIn,
  OneTimeToken,
  TotpSecret,
  RecoveryCode,
  Passkey,
  SecurityPolicy,
  SearchSettings,
  Invitation,
  EmailChange,
  WorkingWeek,
  Holiday,
  TimeOff,
  TimeEntry,
  TimesheetWeek,
  ResourceAssignment,
];
