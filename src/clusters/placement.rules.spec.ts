import { describe, expect, it } from '@jest/globals';
import { choosePlace, type Candidate } from './placement.rules.ts';

const cluster = (name: string, changes: Partial<Candidate> = {}): Candidate => ({
  name,
  region: null,
  plans: [],
  capacity: 100,
  dedicated: false,
  accepts: true,
  tenants: 0,
  ...changes,
});
const place = (clusters: Candidate[], plan = 'free', region: string | null = null) =>
  choosePlace(clusters, { plan, region })?.name ?? null;

describe('a new tenant', () => {
  it('goes where it is least full, measured against the capacity', () => {
    expect(place([cluster('a', { tenants: 50 }), cluster('b', { tenants: 60, capacity: 1000 })])).toBe('b');
  });

  it('stays in its region, or is not placed at all', () => {
    const clusters = [cluster('us', { region: 'us' }), cluster('eu', { region: 'eu', tenants: 99 })];
    expect(place(clusters, 'free', 'eu')).toBe('eu');
    expect(place(clusters, 'free', 'ch')).toBeNull();
  });

  it('goes only where its plan is taken', () => {
    const clusters = [cluster('big', { plans: ['enterprise'] }), cluster('all', { tenants: 90 })];
    expect(place(clusters, 'free')).toBe('all');
    expect(place(clusters, 'enterprise')).toBe('big');
  });

  it('never goes to a dedicated or closed one', () => {
    expect(place([cluster('a', { dedicated: true }), cluster('b', { accepts: false })])).toBeNull();
  });

  it('is taken in even where all are full', () => {
    expect(place([cluster('a', { tenants: 100 }), cluster('b', { tenants: 120 })])).toBe('a');
  });
});
