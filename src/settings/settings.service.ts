import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Cache } from '../platform/cache/cache.ts';
import { SettingRefused, UnknownSetting } from './settings.errors.ts';
import { SYSTEM_SETTINGS, type SettingKey, type SettingValue, type SystemSetting } from './settings.types.ts';

const TTL_MS = 30_000;
const CACHE_KEY = 'settings';
/** Where a value names something, it must be there. */
const NAMED: Partial<Record<SettingKey, string>> = {
  'sign-up.plan': 'SELECT key AS name FROM public.plans ORDER BY position',
};

/** They run outside any tenant, so they take no TenantContext. */
@Injectable()
export class SystemSettingsService {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly cache: Cache,
  ) {}

  async get<K extends SettingKey>(key: K): Promise<SettingValue<K>> {
    const stored = await this.cache.getOrLoad(CACHE_KEY, TTL_MS, () => this.#load());
    return (stored[key] ?? SYSTEM_SETTINGS[key].default) as SettingValue<K>;
  }

  async list(): Promise<SystemSetting[]> {
    const stored = await this.#load();
    return keys().map((key) => ({
      key,
      value: (stored[key] ?? SYSTEM_SETTINGS[key].default) as SystemSetting['value'],
      about: SYSTEM_SETTINGS[key].about,
      changed: key in stored,
    }));
  }

  /** @param text as an operator types it @throws UnknownSetting, SettingRefused */
  async set(key: string, text: string): Promise<SystemSetting> {
    if (!isKey(key)) throw new UnknownSetting(key, keys());
    await this.#demandNamed(key, text);
    await this.registry.query(
      `INSERT INTO public.system_settings (key, value) VALUES ($1, $2::jsonb)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now()`,
      [key, JSON.stringify(parse(key, text))],
    );
    await this.cache.forget(CACHE_KEY);
    return (await this.list()).find((setting) => setting.key === key)!;
  }

  async #demandNamed(key: SettingKey, text: string): Promise<void> {
    const known = NAMED[key];
    if (known === undefined) return;
    const names = (await this.registry.query<{ name: string }[]>(known)).map((row) => row.name);
    if (!names.includes(text)) throw new SettingRefused(key, `one of ${names.join(', ')}`);
  }

  async #load(): Promise<Record<string, unknown>> {
    const rows = await this.registry.query<{ key: string; value: unknown }[]>(
      'SELECT key, value FROM public.system_settings WHERE key = ANY ($1)',
      [keys()],
    );
    return Object.fromEntries(rows.map((row) => [row.key, row.value]));
  }
}

function keys(): SettingKey[] {
  return Object.keys(SYSTEM_SETTINGS) as SettingKey[];
}

function isKey(key: string): key is SettingKey {
  return Object.hasOwn(SYSTEM_SETTINGS, key);
}

function parse(key: SettingKey, text: string): unknown {
  const kind = typeof SYSTEM_SETTINGS[key].default;
  if (kind === 'string') return text;
  if (kind === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new SettingRefused(key, 'true or false');
  }
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0 || value > 3650)
    throw new SettingRefused(key, 'a number from 0 to 3650');
  return value;
}
