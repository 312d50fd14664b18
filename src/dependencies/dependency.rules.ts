export interface Edge {
  taskId: string;
  dependsOnTaskId: string;
}

/** A shortest way along which `from` waits for `to`, both included; null when it does not. */
export function wayBetween(edges: readonly Edge[], from: string, to: string): string[] | null {
  const waitsFor = Map.groupBy(edges, ({ taskId }) => taskId);
  const cameFrom = new Map<string, string | null>([[from, null]]);
  // A map that grows while it is gone through: what was found first is looked at first.
  for (const id of cameFrom.keys()) {
    if (id === to) return wayBack(cameFrom, to);
    for (const { dependsOnTaskId } of waitsFor.get(id) ?? [])
      if (!cameFrom.has(dependsOnTaskId)) cameFrom.set(dependsOnTaskId, id);
  }
  return null;
}

/** What can be reached from a task along the edges in either direction, without turning round, over nodes that are shown. */
export function connectedTo(edges: readonly Edge[], root: string, isShown: (id: string) => boolean): Set<string> {
  const up = reached(edges, root, isShown, ({ taskId, dependsOnTaskId }) => [taskId, dependsOnTaskId]);
  const down = reached(edges, root, isShown, ({ taskId, dependsOnTaskId }) => [dependsOnTaskId, taskId]);
  return new Set([...up, ...down]);
}

function reached(
  edges: readonly Edge[],
  root: string,
  isShown: (id: string) => boolean,
  directed: (edge: Edge) => [from: string, to: string],
): Set<string> {
  const next = Map.groupBy(edges.map(directed), ([from]) => from);
  const found = new Set([root]);
  // A set that grows while it is gone through.
  for (const id of found) for (const [, to] of next.get(id) ?? []) if (isShown(to)) found.add(to);
  return found;
}

function wayBack(cameFrom: ReadonlyMap<string, string | null>, end: string): string[] {
  const way: string[] = [];
  for (let id: string | null = end; id !== null; id = cameFrom.get(id) ?? null) way.unshift(id);
  return way;
}
