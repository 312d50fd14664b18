/** A day of an event in a calendar file. */
export interface HolidayDay {
  /** `YYYY-MM-DD`. */
  day: string;
  name: string;
  uid: string;
}
