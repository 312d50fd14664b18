/** Settings of the whole installation that operators change while it runs, each with what it is until then. */
export const SYSTEM_SETTINGS = {
  'sign-up.open': { default: true, about: 'whether organisations may sign up by themselves' },
  'sign-up.plan': { default: 'free', about: 'the plan that they start with' },
  'sign-up.region': { default: '', about: 'the region that they are placed in; empty: any' },
  'deletion.grace-days': { default: 30, about: 'days during which a deleted organisation can be restored' },
  'archives.keep-days': { default: 7, about: 'days after which an export is removed' },
} as const;

export type SettingKey = keyof typeof SYSTEM_SETTINGS;

/** A setting with what it is now. */
export interface SystemSetting {
  key: SettingKey;
  value: string | number | boolean;
  about: string;
  /** Whether somebody has set it. */
  changed: boolean;
}

/** The type of a setting is that of its default. */
export type SettingValue<K extends SettingKey> = (typeof SYSTEM_SETTINGS)[K]['default'] extends boolean
  ? boolean
  : (typeof SYSTEM_SETTINGS)[K]['default'] extends number
    ? number
    : string;
