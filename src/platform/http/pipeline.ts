import type { Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { ActorGuard } from '../access/actor.guard.ts';
import { OperatorActs } from '../access/operator-acts.interceptor.ts';
import { KeyGuard } from '../access/key.guard.ts';
import { PermissionGuard } from '../access/permission.guard.ts';
import { SignInGuard } from '../access/sign-in.guard.ts';
import { IdempotencyInterceptor } from '../idempotency/idempotency.interceptor.ts';
import { KeyLimitGuard } from '../limits/key-limit.guard.ts';
import { UserLimitGuard } from '../limits/user-limit.guard.ts';
import { TenantLimitGuard } from '../limits/tenant-limit.guard.ts';
import { TenantGuard } from '../tenancy/tenant.guard.ts';
import { StorageGuard } from '../usage/storage.guard.ts';
import { UsageMeter } from '../usage/usage-meter.ts';
import { BodyPipe } from './body.pipe.ts';
import { EnvelopeInterceptor } from './envelope.interceptor.ts';
import { ProblemFilter } from './problem.filter.ts';
import { QueryGuard } from './query.guard.ts';

/**
 * What every request passes, in this order, after the server itself counted it against its address and gave it an id, a log
 * line and security headers (http-server.ts). Guards run in the order of this list.
 */
export const pipeline: Provider[] = [
  UsageMeter,
  { provide: APP_GUARD, useClass: TenantGuard },
  { provide: APP_GUARD, useClass: ActorGuard },
  { provide: APP_GUARD, useExisting: UsageMeter },
  { provide: APP_GUARD, useClass: UserLimitGuard },
  { provide: APP_GUARD, useClass: TenantLimitGuard },
  { provide: APP_GUARD, useClass: KeyLimitGuard },
  { provide: APP_GUARD, useClass: KeyGuard },
  { provide: APP_GUARD, useClass: SignInGuard },
  { provide: APP_GUARD, useClass: PermissionGuard },
  { provide: APP_GUARD, useClass: StorageGuard },
  { provide: APP_GUARD, useClass: QueryGuard },
  { provide: APP_PIPE, useClass: BodyPipe },
  { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
  { provide: APP_INTERCEPTOR, useClass: EnvelopeInterceptor },
  { provide: APP_INTERCEPTOR, useClass: OperatorActs },
  { provide: APP_FILTER, useClass: ProblemFilter },
];
