import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { databaseProblem } from './database-problem.ts';

const failed = (code: string, message = 'could not extend file "base/1/2": No space left on device') =>
  Object.assign(new Error(message), { code });

describe('an error of the database', () => {
  it.each(['53100', 'ENOSPC', 'EDQUOT'])('is "no room" for %s, also through the wrapper of TypeORM', (code) => {
    for (const thrown of [failed(code), new QueryFailedError('INSERT', [], failed(code))])
      expect(databaseProblem(thrown)).toMatchObject({ kind: 'unavailable', code: 'storage_full', retryAfter: 60 });
  });

  it.each(['53200', '53300', '53400', '53000', '57P03', '3D000', 'EHOSTUNREACH', 'ECONNREFUSED'])(
    'is "try again" for %s',
    (code) => {
      expect(databaseProblem(failed(code))).toMatchObject({ kind: 'unavailable', code: 'database_busy' });
    },
  );

  it('is "try again" for a database that takes no connections', () => {
    const closed = failed('55000', 'database "eu" is not currently accepting connections');
    expect(databaseProblem(closed)).toMatchObject({ code: 'database_busy' });
    expect(databaseProblem(failed('55000', 'lastval is not yet defined in this session'))).toBeNull();
  });
});
