import { describe, expect, it } from '@jest/globals';
import { kept } from './kept.ts';

describe('what is kept', () => {
  it('is loaded once, also for those who ask at the same time', async () => {
    let loads = 0;
    const get = kept(() => Promise.resolve((loads += 1)));
    expect(await Promise.all([get(), get()])).toEqual([1, 1]);
    expect(await get()).toBe(1);
  });

  it('is loaded again after a failure, which is not kept', async () => {
    let loads = 0;
    const get = kept(async () => {
      loads += 1;
      await Promise.resolve();
      if (loads === 1) throw new Error('too many open files');
      return loads;
    });
    const failed = await Promise.allSettled([get(), get()]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await get()).toBe(2);
    expect(await get()).toBe(2);
  });
});
