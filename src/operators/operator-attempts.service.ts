import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { TooManyOperatorAttempts } from './operators.errors.ts';

/** After five failures a second, then twice as long each time, up to a quarter of an hour. */
const PAUSE = `CASE WHEN a.failures < 5 THEN interval '0'
                    ELSE make_interval(secs => least(900, power(2, least(a.failures, 30) - 5))) END`;
/** Who has not tried for so long begins anew. */
const FORGOTTEN = '30 days';

/** Counts attempts in a row that fail, in the same way for what does not exist. Tenants count theirs in their own schemas. */
@Injectable()
export class OperatorAttempts {
  constructor(@InjectDataSource() private readonly registry: DataSource) {}

  /**
   * Counts an attempt before its outcome is known, so that many at once are no way around the pause.
   *
   * @throws TooManyOperatorAttempts while it has to wait
   */
  async begin(what: string): Promise<void> {
    const key = keyOf(what);
    const [counted] = await this.registry.query<{ failures: number }[]>(
      `INSERT INTO public.operator_attempts AS a (key, failures, last_at) VALUES ($1, 1, clock_timestamp())
       ON CONFLICT (key) DO UPDATE SET failures = a.failures + 1, last_at = clock_timestamp()
         WHERE a.last_at + ${PAUSE} <= clock_timestamp()
       RETURNING failures`,
      [key],
    );
    if (counted) return;
    const [left] = await this.registry.query<{ seconds: number }[]>(
      `SELECT ceil(extract(epoch FROM a.last_at + ${PAUSE} - clock_timestamp()))::int AS seconds
         FROM public.operator_attempts a WHERE a.key = $1`,
      [key],
    );
    throw new TooManyOperatorAttempts(Math.max(1, left?.seconds ?? 1));
  }

  async succeed(what: string): Promise<void> {
    await this.registry.query(
      `DELETE FROM public.operator_attempts WHERE key = $1 OR last_at < now() - interval '${FORGOTTEN}'`,
      [keyOf(what)],
    );
  }
}

function keyOf(what: string): Buffer {
  return createHash('sha256').update(what).digest();
}
