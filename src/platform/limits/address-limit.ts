import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { networkOf } from './addresses.ts';
import { RateLimited } from './limits.errors.ts';
import { tellLimit } from './rate-headers.ts';
import { RequestCounts } from './request-counts.ts';

/** What balancers ask, all from one address and often. */
const UNCOUNTED = /^\/(?:health(?:\/live|\/ready)?|ready)(?:\?|$)/;

/** Counts requests against their addresses, whatever becomes of them. */
@Injectable()
export class AddressLimit {
  constructor(
    private readonly counts: RequestCounts,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Tells of the limit in the headers of the answer. @returns why it is not served, null when it is */
  async count({ ip, url, method }: FastifyRequest, reply: FastifyReply): Promise<RateLimited | null> {
    const isAsked = method === 'GET' || method === 'HEAD';
    if (!this.config.RATE_LIMIT_ENABLED || (isAsked && UNCOUNTED.test(url))) return null;
    const limit = this.config.RATE_LIMIT_ADDRESS;
    const count = await this.counts.count('address', networkOf(ip));
    tellLimit(reply, 'address', limit, count);
    return count.used > limit
      ? new RateLimited(`One address may make ${limit} requests a minute.`, count.resetSeconds)
      : null;
  }
}
