import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { Job, JobHandler } from './job.ts';
import { PERFORMS } from './performs.ts';

export type AnyJob = Job<object, unknown>;
export type AnyHandler = JobHandler<object, unknown>;

/** The methods of all providers that are declared with @Performs. */
@Injectable()
export class JobHandlers {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** @throws when a job has two */
  find(): Map<AnyJob, AnyHandler> {
    const found = new Map<string, [AnyJob, AnyHandler]>();
    for (const { instance } of this.discovery.getProviders() as { instance: unknown }[]) {
      if (typeof instance !== 'object' || instance === null) continue;
      const methods = instance as Record<string, unknown>;
      for (const key of this.scanner.getAllMethodNames(Object.getPrototypeOf(instance) as object)) {
        const method = methods[key];
        const job = typeof method === 'function' && this.reflector.get<AnyJob | undefined>(PERFORMS, method);
        if (!job) continue;
        if (found.has(job.name)) throw new Error(`the job ${job.name} has two handlers`);
        found.set(job.name, [job, (method as AnyHandler).bind(instance)]);
      }
    }
    return new Map(found.values());
  }
}
