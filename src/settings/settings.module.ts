import { Global, Module } from '@nestjs/common';
import { SettingsController } from './settings.controller.ts';
import { SystemSettingsService } from './settings.service.ts';

/**
 * Owns: what operators set for the whole installation while it runs (public.system_settings).
 * Offers: SystemSettingsService. Announces: nothing. Hears: nothing.
 */
@Global()
@Module({ controllers: [SettingsController], providers: [SystemSettingsService], exports: [SystemSettingsService] })
export class SettingsModule {}
