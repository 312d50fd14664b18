import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.ts';
import { AuditService } from './audit.service.ts';

/**
 * Owns: how the audit events of an organisation are read; they are written by audit() of the platform.
 * Offers: nothing.
 * Announces: nothing. Hears: nothing.
 */
@Module({ controllers: [AuditController], providers: [AuditService] })
export class AuditModule {}
