/** A day of an event in a calendar file. */
export interface HolidayDay {
  /** `YYYY-MM-DD`. */
  day: string;
  name: string;
  uid: string;
}

/** An event of a calendar file that gave no holiday. */
export interface SkippedEvent {
  name: string;
  /** Empty when the event has none. */
  uid: string;
  reason: string;
}

/** What a calendar file holds. */
export interface CalendarReading {
  days: HolidayDay[];
  /** How many events gave no holiday. */
  skipped: number;
  /** The first 50 of them. */
  skippedEvents: SkippedEvent[];
}
