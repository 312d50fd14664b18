export const DEPENDENCY_TYPES = ['finish_to_start', 'start_to_start', 'finish_to_finish', 'start_to_finish'] as const;

/** Which event of the predecessor comes before which one of the successor. */
export type DependencyType = (typeof DEPENDENCY_TYPES)[number];

/** Time between the two events, negative for an overlap: hours of work or working days, the other one null. */
export interface Lag {
  lagHours: number | null;
  lagDays: number | null;
}

/** What waits (`taskId`) for what. */
export interface Dependency extends Lag {
  id: string;
  taskId: string;
  dependsOnTaskId: string;
  type: DependencyType;
}
