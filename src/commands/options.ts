import { InvalidArgumentError } from 'commander';
import { NO_LIMITS, type TenantLimits } from '../platform/tenancy/tenant.types.ts';

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`a whole number from ${min} to ${max}.`);
    return value;
  };
}

export function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('a number from 0.');
  return value;
}

const MOST_DAYS = 3650;

export function days(text: string): number {
  const value = notNegative(text);
  if (value > MOST_DAYS) throw new InvalidArgumentError(`a number of days from 0 to ${MOST_DAYS}.`);
  return value;
}

/** `5` or `5%`. */
export function share(text: string): { count: number } | { percent: number } {
  const percent = text.endsWith('%');
  const value = Number(percent ? text.slice(0, -1) : text);
  const valid = percent ? value > 0 && value <= 100 : Number.isInteger(value) && value > 0;
  if (!valid) throw new InvalidArgumentError('a number of tenants such as 10, or a share such as 5%.');
  return percent ? { percent: value } : { count: value };
}

/** `users=50` or `users=none`, any number of times. */
export function limit(text: string, before: Partial<TenantLimits> = {}): Partial<TenantLimits> {
  const [, name = '', value = ''] = /^(\w+)=(\d{1,15}|none)$/.exec(text) ?? [];
  if (!Object.hasOwn(NO_LIMITS, name))
    throw new InvalidArgumentError(`${Object.keys(NO_LIMITS).join(', ')}, such as users=50 or users=none.`);
  return { ...before, [name]: value === 'none' ? null : Number(value) };
}

export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

export function uuid(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new InvalidArgumentError('an id such as 01a1fe22-a9fa-7491-9f21-4bcd47c34f74.');
  return text.toLowerCase();
}
