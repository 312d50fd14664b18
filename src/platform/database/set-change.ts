/** What becomes of a set: all of it anew, or what is added and what is removed. */
export type SetChange = string[] | { add?: string[]; remove?: string[] };

/** The set afterwards, each entry once, in the order in which they came. What is both added and removed is there. */
export function changedSet(current: string[], change: SetChange): string[] {
  if (Array.isArray(change)) return [...new Set(change)];
  const removed = new Set(change.remove);
  return [...new Set([...current.filter((entry) => !removed.has(entry)), ...(change.add ?? [])])];
}
