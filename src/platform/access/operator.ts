import type { Caller } from './caller.ts';

/** Somebody who operates the installation. Belongs to no tenant, and is nobody in any. */
export interface Operator {
  id: string;
  email: string;
  name: string;
  sessionId: string;
}

/** Port to whoever knows operators; a domain module keeps it. */
export abstract class OperatorVerifier {
  /** Checks the credential of a request. @throws Unauthenticated */
  abstract verify(request: { headers: Record<string, unknown> }): Promise<Operator>;
}

/** What an operator is about to do, or has done. */
export interface OperatorAct {
  operator: Operator;
  caller: Caller;
  /** `<what>.<happened>`, as the route declares it. */
  action: string;
  /** Id or name of what it is done to; null before it is made. */
  target: string | null;
  details: object;
}

/** Port to the record of what operators do; a domain module keeps it. */
export abstract class OperatorRecord {
  /** Before anything is done, so that nothing is done which is not on record. @returns what `end` needs */
  abstract begin(act: OperatorAct): Promise<string>;

  abstract end(id: string, outcome: { target: string | null } | { refused: string }): Promise<void>;
}
