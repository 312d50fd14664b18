/** How much of a person's time a project has been promised. Exactly one of `hoursPerWeek` and `percent` is not null. */
export interface Assignment {
  id: string;
  projectId: string;
  userId: string;
  hoursPerWeek: number | null;
  /** Of what the person works. */
  percent: number | null;
  /** First and last day. */
  from: string;
  to: string;
}

/** A day of somebody's calendar, in minutes. */
export interface CapacityDay {
  date: string;
  /** What their week says. */
  planned: number;
  /** What is left of it after holidays and time off. */
  minutes: number;
}

/** A whole week of one person, in minutes. */
export interface PlannedWeek {
  /** Its Monday. */
  week: string;
  capacity: number;
  allocated: number;
  /** Those that take something of it. */
  shares: { assignment: Assignment; minutes: number }[];
}

export const REMEDY_KINDS = ['shift', 'shorten', 'hand_over'] as const;

interface AnyRemedy {
  /** Which assignment to change. */
  resourceId: string;
  projectId: string;
  /** Minutes that the week gets free. */
  minutes: number;
  /** Whether that is enough by itself. */
  resolves: boolean;
}

/** What could be done about a week that has been promised more than once. */
export type Remedy =
  /** Do so much of it in another week, where the person has so much room. */
  | (AnyRemedy & { kind: 'shift'; toWeek: string; freeMinutes: number })
  /** Let it begin after this week, or end before it. */
  | (AnyRemedy & { kind: 'shorten'; from: string; to: string })
  /** Give so much of it to somebody else of the project, who has so much room in that week. */
  | (AnyRemedy & { kind: 'hand_over'; userId: string; freeMinutes: number });
