import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { FleetPressure } from './fleet-pressure.service.ts';

/** A server that answers after some milliseconds, with a replica that is some seconds behind. */
function server(state: { latency?: number; lag?: number; away?: boolean }): pg.Pool {
  const query = async (text: string) => {
    if (text === 'SELECT 1') await sleep(state.latency ?? 0);
    return { rows: [{ lag: state.lag ?? 0 }] };
  };
  const connect = async () => {
    if (state.away) throw new Error('away');
    return { query, release: () => undefined };
  };
  return { connect } as unknown as pg.Pool;
}

describe('pressure', () => {
  it('is not felt from servers that bear the load', async () => {
    const isUnder = new FleetPressure().watch(() => [server({ lag: 1 }), server({ latency: 5 })], 10);
    for (let look = 0; look < 8; look += 1) expect(await isUnder()).toBe(false);
  });

  it('is felt while any replica is further behind than is allowed', async () => {
    const far = { lag: 11 };
    const isUnder = new FleetPressure().watch(() => [server({}), server(far)], 10);
    expect(await isUnder()).toBe(true);
    far.lag = 10;
    expect(await isUnder()).toBe(false);
  });

  it('is felt while statements take far longer than at the beginning, however long that lasts', async () => {
    const state = { latency: 0 };
    const isUnder = new FleetPressure().watch(() => [server(state)], 10);
    expect(await isUnder()).toBe(false);
    state.latency = 400;
    for (let look = 0; look < 7; look += 1) expect(await isUnder()).toBe(true);
    state.latency = 0;
    expect(await isUnder()).toBe(false);
  });

  it('is felt of servers that the run has come to since', async () => {
    const pools = [server({})];
    const isUnder = new FleetPressure().watch(() => pools, 10);
    expect(await isUnder()).toBe(false);
    pools.push(server({ lag: 60 }));
    expect(await isUnder()).toBe(true);
  });

  it('of a server that does not answer is told as what it is', async () => {
    const isUnder = new FleetPressure().watch(() => [server({ away: true })], 10);
    await expect(isUnder()).rejects.toThrow('away');
  });
});
