import { Module } from '@nestjs/common';
import { RolesController } from './roles.controller.ts';
import { RolesService } from './roles.service.ts';

/**
 * Owns: roles (what each permits, at which level).
 * Offers: RolesService.
 * Announces: nothing. Hears: nothing.
 */
@Module({ controllers: [RolesController], providers: [RolesService], exports: [RolesService] })
export class RolesModule {}
