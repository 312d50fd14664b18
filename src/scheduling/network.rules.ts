import type { DependencyType } from '../dependencies/dependencies.types.ts';
import { before, behind, type Event, type Events, type Lag } from './lag.rules.ts';
import { NetworkCycle } from './scheduling.errors.ts';
import type { Placement, Span } from './span.rules.ts';
import type { Moment, WorkingCalendar } from './working-calendar.rules.ts';

/** A task in a network. */
export interface Activity {
  id: string;
  /** In which its float is measured. */
  calendar: WorkingCalendar;
  progress: Progress;
  /** The moment that it should be finished by; null without one. */
  deadline: Moment | null;
}

/** What is still to be done of it, and not before when. What has begun stands where it began, what is done also where it ended. */
export type Progress =
  | { state: 'open'; span: Span; from: Moment }
  | { state: 'begun'; start: Moment; rest: Span; from: Moment }
  | { state: 'done'; start: Moment; finish: Moment };

export interface Link {
  predecessor: string;
  successor: string;
  type: DependencyType;
  lag: Lag;
}

export interface Outcome {
  id: string;
  earliest: Placement;
  /** The latest that delays nothing; null when it is done. */
  latest: Placement | null;
  /** Minutes of its own calendar, negative when it is late; null when it is done. */
  totalFloat: number | null;
  /** Minutes by which it alone can move without moving any other one from its earliest dates. */
  freeFloat: number | null;
  isCritical: boolean;
}

export interface Network {
  activities: readonly Activity[];
  links: readonly Link[];
  /** Of the lags. */
  calendar: WorkingCalendar;
  /** By which everything should be finished; null without one. */
  deadline: Moment | null;
}

/** Which event of the predecessor a type speaks of, and which one of the successor. */
const EVENTS: Record<DependencyType, Events> = {
  finish_to_start: ['finish', 'start'],
  start_to_start: ['start', 'start'],
  finish_to_finish: ['finish', 'finish'],
  start_to_finish: ['start', 'finish'],
};

interface Node {
  activity: Activity;
  incoming: Edge[];
  outgoing: Edge[];
  /** With what is left of it, where it has begun. */
  earliest: Placement;
  latest: Placement;
}

interface Edge {
  predecessor: Node;
  successor: Node;
  events: Events;
  lag: Lag;
}

/**
 * The critical path method over a precedence diagram, each activity and each lag in its own working time. One pass forward and one back
 * over activities in topological order, so that it costs what reading them costs.
 *
 * @returns outcomes in topological order, and the moment at which all of it can be finished; -Infinity for no activities
 * @throws NetworkCycle, PlanTooLong
 */
export function solve({ activities, links, calendar, deadline }: Network): { outcomes: Outcome[]; finish: Moment } {
  const nodes = inOrder(nodesOf(activities, links));
  for (const node of nodes) node.earliest = earliestOf(node, calendar);
  const finish = nodes.reduce((last, node) => Math.max(last, node.earliest.finish), -Infinity);
  const end = Math.min(finish, deadline ?? Infinity);
  for (const node of nodes.toReversed())
    node.latest = latestOf(node, calendar, Math.min(end, node.activity.deadline ?? Infinity), ({ latest }) => latest);
  return { outcomes: nodes.map((node) => outcomeOf(node, calendar, finish)), finish };
}

function nodesOf(activities: readonly Activity[], links: readonly Link[]): Node[] {
  const nodes = new Map<string, Node>();
  const nowhere = { start: 0, finish: 0 };
  for (const activity of activities)
    nodes.set(activity.id, { activity, incoming: [], outgoing: [], earliest: nowhere, latest: nowhere });
  for (const { predecessor: p, successor: s, type, lag } of links) {
    const [predecessor, successor] = [nodes.get(p), nodes.get(s)];
    if (!predecessor || !successor) continue;
    const edge = { predecessor, successor, events: EVENTS[type], lag };
    predecessor.outgoing.push(edge);
    successor.incoming.push(edge);
  }
  return [...nodes.values()];
}

/** Each one behind all that it waits for (Kahn). */
function inOrder(nodes: readonly Node[]): Node[] {
  const waiting = new Map(nodes.map((node) => [node, node.incoming.length]));
  const order = nodes.filter((node) => node.incoming.length === 0);
  // An array that grows while it is gone through.
  for (const node of order) {
    for (const { successor } of node.outgoing) {
      const left = waiting.get(successor)! - 1;
      waiting.set(successor, left);
      if (left === 0) order.push(successor);
    }
  }
  if (order.length < nodes.length)
    throw new NetworkCycle([...waiting].filter(([, left]) => left > 0).map(([{ activity }]) => activity.id));
  return order;
}

function earliestOf({ activity: { progress }, incoming }: Node, calendar: WorkingCalendar): Placement {
  if (progress.state === 'done') return { start: progress.start, finish: progress.finish };
  const bounds = { start: progress.from, finish: -Infinity };
  for (const { predecessor, events, lag } of incoming) {
    const [of, on] = events;
    // What has begun is not held up by what should have come before its start.
    if (on === 'start' && progress.state === 'begun') continue;
    bounds[on] = Math.max(bounds[on], behind(eventOf(predecessor, of), lag, events, calendar));
  }
  return (progress.state === 'open' ? progress.span : progress.rest).earliest(bounds.start, bounds.finish);
}

/** When something happens to it at the earliest, or has happened. */
function eventOf({ activity: { progress }, earliest }: Node, event: Event): Moment {
  return event === 'start' && progress.state === 'begun' ? progress.start : earliest[event];
}

/** The latest place that is finished by a moment and leaves those behind it where `placeOf` says that they are. */
function latestOf(
  { activity: { progress }, outgoing }: Node,
  calendar: WorkingCalendar,
  finishBy: Moment,
  placeOf: (node: Node) => Placement,
): Placement {
  if (progress.state === 'done') return { start: progress.start, finish: progress.finish };
  const bounds = { start: Infinity, finish: finishBy };
  for (const { successor, events, lag } of outgoing) {
    const [of, on] = events;
    if (successor.activity.progress.state === 'done') continue;
    if (on === 'start' && successor.activity.progress.state === 'begun') continue;
    bounds[of] = Math.min(bounds[of], before(placeOf(successor)[on], lag, events, calendar));
  }
  if (progress.state === 'open') return progress.span.latest(bounds.start, bounds.finish);
  return progress.rest.latest(Infinity, bounds.finish);
}

function outcomeOf(node: Node, calendar: WorkingCalendar, finish: Moment): Outcome {
  const { activity, earliest, latest } = node;
  const { id, progress } = activity;
  if (progress.state === 'done')
    return { id, earliest, latest: null, totalFloat: null, freeFloat: null, isCritical: false };
  const room = latestOf(node, calendar, finish, (successor) => successor.earliest);
  const worked = (moment: Moment) => activity.calendar.workedBy(moment);
  const totalFloat = worked(latest.start) - worked(earliest.start);
  const begun = (place: Placement): Placement =>
    progress.state === 'begun' ? { ...place, start: progress.start } : place;
  return {
    id,
    earliest: begun(earliest),
    latest: begun(latest),
    totalFloat,
    freeFloat: worked(room.start) - worked(earliest.start),
    isCritical: totalFloat <= 0,
  };
}
