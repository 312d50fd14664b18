import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.ts';
import { AuditJobs } from './audit.jobs.ts';
import { RefusedSignIns } from './refused-sign-ins.service.ts';
import { AuditService } from './audit.service.ts';

/**
 * Owns: how the audit events of an organisation are read, and that refused sign-ins are not kept for ever; they are written by audit() of the platform.
 * Offers: nothing.
 * Announces: nothing. Hears: nothing.
 */
@Module({ controllers: [AuditController], providers: [AuditService, RefusedSignIns, AuditJobs] })
export class AuditModule {}
