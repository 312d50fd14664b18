/** What a load of one kind took. */
export interface Load {
  /** Per second. */
  rate: number;
  /** Milliseconds of every single one, sorted. */
  times: number[];
  failed: number;
}

/** Keeps `inFlight` calls going for so many milliseconds. A call that throws is counted, not timed. */
export async function closedLoop(inFlight: number, milliseconds: number, call: () => Promise<void>): Promise<Load> {
  const times: number[] = [];
  let failed = 0;
  const started = performance.now();
  const end = started + milliseconds;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let from = performance.now(); from < end; from = performance.now()) {
        const ok = await call().then(
          () => true,
          () => false,
        );
        if (ok) times.push(performance.now() - from);
        else failed += 1;
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  return { rate: times.length / seconds, times: times.sort((a, b) => a - b), failed };
}

/** Starts so many calls a second whether or not the earlier ones have ended; times include the wait for a late start. */
export async function openLoop(perSecond: number, milliseconds: number, call: () => Promise<void>): Promise<Load> {
  const times: number[] = [];
  const running = new Set<Promise<void>>();
  let failed = 0;
  const started = performance.now();
  const total = Math.floor((perSecond * milliseconds) / 1000);
  // Several loops that begin together must not send all they have at the same moment.
  const phase = Math.random();
  for (let i = 0; i < total; i++) {
    const due = started + ((i + phase) * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const one: Promise<void> = call()
      .then(
        () => void times.push(performance.now() - due),
        () => void (failed += 1),
      )
      .finally(() => running.delete(one));
    running.add(one);
  }
  await Promise.all(running);
  return {
    rate: times.length / ((performance.now() - started) / 1000),
    times: times.sort((a, b) => a - b),
    failed,
  };
}

/** Of sorted numbers. @param part 0.5 is the median */
export function percentile(sorted: number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

export function median(numbers: number[]): number {
  return percentile(
    [...numbers].sort((a, b) => a - b),
    0.5,
  );
}

/**
 * Runs every side once per round, one after the other: what else the machine does meanwhile hits all of them. The order
 * turns with each round, so that no side always follows the same other one.
 */
export async function interleave<T>(
  rounds: number,
  sides: Record<string, () => Promise<T>>,
): Promise<Record<string, T[]>> {
  const names = Object.keys(sides);
  const results: Record<string, T[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = [...names.slice(round % names.length), ...names.slice(0, round % names.length)];
    for (const name of order) results[name]!.push(await sides[name]!());
  }
  return results;
}

/** Picks by chance: every index alike, or the k-th with a weight of 1 / k^exponent. */
export function picker(count: number, exponent = 0): () => number {
  if (exponent === 0) return () => Math.floor(Math.random() * count);
  const cumulated: number[] = [];
  let sum = 0;
  for (let k = 1; k <= count; k++) cumulated.push((sum += 1 / k ** exponent));
  return () => {
    const target = Math.random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulated[middle]! < target) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** Works through a list with so many at a time, in order. */
export async function inParallel<T>(items: T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}

/** So many calls in all, so many at a time; failures are let through. */
export async function repeat(inFlight: number, count: number, call: () => Promise<void>): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await call();
    }),
  );
}
