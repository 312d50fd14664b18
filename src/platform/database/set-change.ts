/** What becomes of a set of texts: all of it anew, or what is added and what is removed. */
export type SetChange = string[] | { add?: string[]; remove?: string[] };

/**
 * The set afterwards, each entry once, in the order in which they came. What is both added and removed is there. Blanks at
 * both ends are no part of an entry, and composed and decomposed letters are one (NFC): two that look alike are the same.
 */
export function changedSet(current: string[], change: SetChange): string[] {
  if (Array.isArray(change)) return entriesOf(change);
  const removed = new Set(entriesOf(change.remove ?? []));
  return entriesOf([...entriesOf(current).filter((entry) => !removed.has(entry)), ...(change.add ?? [])]);
}

function entriesOf(texts: string[]): string[] {
  return [...new Set(texts.map((text) => text.normalize('NFC').trim()))];
}
