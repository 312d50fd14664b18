import { ApiKey } from './api-keys/api-key.entity.ts';
import { RefreshToken } from './auth/refresh-token.entity.ts';
import { Session } from './auth/session.entity.ts';
import { Comment } from './comments/comment.entity.ts';
import { ProjectMember } from './projects/project-member.entity.ts';
import { StoredAuditEvent } from './platform/audit/audit-event.entity.ts';
import { SignInAttempt } from './oauth/sign-in-attempt.entity.ts';
import { SignInCode } from './oauth/sign-in-code.entity.ts';
import { SignInIdentity } from './oauth/sign-in-identity.entity.ts';
import { SignInProvider } from './sign-in-providers/sign-in-provider.entity.ts';
import { Project } from './projects/project.entity.ts';
import { Role } from './roles/role.entity.ts';
import { TaskChange, TaskStatusTransition } from './tasks/task-history.entity.ts';
import { Task } from './tasks/task.entity.ts';
import { UserRole } from './users/user-role.entity.ts';
import { User } from './users/user.entity.ts';

/** Every table of a tenant's schema. Their metadata is compiled once and shared by all tenants. */
export const tenantEntities = [
  Role,
  User,
  UserRole,
  Session,
  RefreshToken,
  ApiKey,
  SignInProvider,
  SignInIdentity,
  SignInAttempt,
  SignInCode,
  Project,
  ProjectMember,
  Task,
  TaskStatusTransition,
  TaskChange,
  Comment,
  StoredAuditEvent,
];
