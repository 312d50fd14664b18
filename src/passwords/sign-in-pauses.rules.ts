const FREE_FAILURES = 4;
const MOST_SECONDS = 900;
/** From so many failures on, the pause is the longest. */
const LONGEST_FROM = 15;

/** After five failures a second, then twice as long each time, up to a quarter of an hour. In seconds. */
export function pauseAfter(failures: number): number {
  return failures <= FREE_FAILURES ? 0 : Math.min(MOST_SECONDS, 2 ** (Math.min(failures, LONGEST_FROM) - 5));
}

/**
 * When the last failure may have been at the latest for an attempt at `moment` to be taken: the first entry after one
 * failure, the last after as many as there are entries, or more. Without a pause any time is early enough, also one that
 * another attempt has set meanwhile. As PostgreSQL reads them.
 */
export function latestToFollow(moment: Date): string[] {
  return Array.from({ length: LONGEST_FROM }, (_, index) => {
    const seconds = pauseAfter(index + 1);
    return seconds === 0 ? 'infinity' : new Date(moment.getTime() - seconds * 1_000).toISOString();
  });
}

/** Whole seconds until the next attempt is taken, at least one: it was not taken just now. */
export function secondsUntilNext(attempts: { failures: number; lastAt: Date } | null, now: Date): number {
  if (attempts === null) return 1;
  const next = attempts.lastAt.getTime() + pauseAfter(attempts.failures) * 1_000;
  return Math.max(1, Math.ceil((next - now.getTime()) / 1_000));
}
