import { AppError } from '../platform/errors/app-error.ts';

export class ClusterNotFound extends AppError {
  constructor(name: string) {
    super('missing', 'cluster_not_found', `There is no cluster ${name}.`);
  }
}

export class ClusterTaken extends AppError {
  constructor(name: string) {
    super('conflict', 'cluster_taken', `There is a cluster ${name} already.`);
  }
}

export class ClusterInUse extends AppError {
  constructor(name: string, reason: string) {
    super(
      'conflict',
      'cluster_in_use',
      `The cluster ${name} is in use: ${reason}. Move or confirm them first: projectflow tenant move.`,
    );
  }
}

export class ClusterRefused extends AppError {
  constructor(reason: string) {
    super('invalid', 'cluster_refused', reason);
  }
}

export class NoClusterForTenant extends AppError {
  constructor(plan: string, region: string | null) {
    super(
      'unavailable',
      'no_cluster',
      region === null
        ? `No database takes new organisations of the plan ${plan} at the moment.`
        : `No database in the region ${region} takes new organisations of the plan ${plan} at the moment.`,
      { retryAfter: 60 },
    );
  }
}
