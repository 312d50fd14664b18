import { describe, expect, it } from '@jest/globals';
import { canonicalTimeZone } from './time-zones.ts';

describe('a time zone', () => {
  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/bERLIN', 'Europe/Berlin'],
    ['US/Pacific', 'America/Los_Angeles'],
    ['gmt', 'UTC'],
    ['Etc/UTC', 'UTC'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['asia/calcutta', 'Asia/Kolkata'],
    ['Europe/Kiev', 'Europe/Kyiv'],
    ['Etc/GMT+5', 'Etc/GMT+5'],
  ])('%s is stored as %s', (text, name) => {
    expect(canonicalTimeZone(text)).toBe(name);
  });

  it('keeps its name when it is canonical already', () => {
    const zones = Intl.supportedValuesOf('timeZone').map((zone) => canonicalTimeZone(zone)!);
    expect(zones.length).toBeGreaterThan(400);
    for (const zone of zones) expect(canonicalTimeZone(zone)).toBe(zone);
  });

  it.each(['', 'Berlin', '+01:00', 'Europe/Berlin ', 'Europe/../Berlin', 'x'.repeat(65)])('is not %j', (text) => {
    expect(canonicalTimeZone(text)).toBeNull();
  });
});
