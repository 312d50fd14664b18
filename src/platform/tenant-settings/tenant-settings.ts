import type { TenantContext } from '../tenancy/tenant-context.ts';
import { TenantSetting } from './tenant-setting.entity.ts';

/** The values of a group of settings, with the version that a change of them is based on. */
export type Versioned<Values extends object> = Values & Pick<TenantSetting, 'updatedAt' | 'version'>;

export async function readSetting<Values extends object>(ctx: TenantContext, key: string): Promise<Versioned<Values>> {
  return versioned((await ctx.repository(TenantSetting).findOneBy({ key }))!);
}

/** The same before a change: others who change it wait until the transaction ends. */
export async function lockSetting<Values extends object>(tx: TenantContext, key: string): Promise<Versioned<Values>> {
  return versioned(
    (await tx.repository(TenantSetting).findOne({ where: { key }, lock: { mode: 'pessimistic_write' } }))!,
  );
}

/** Replaces all values of the group. */
export async function writeSetting(tx: TenantContext, key: string, value: object): Promise<void> {
  await tx.repository(TenantSetting).update({ key }, { value });
}

function versioned<Values extends object>({ value, updatedAt, version }: TenantSetting): Versioned<Values> {
  return { ...(value as Values), updatedAt, version };
}
