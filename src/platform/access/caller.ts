/** Where a call came from, for the list of sessions. */
export interface Caller {
  requestId: string;
  address: string;
  userAgent: string | null;
}
