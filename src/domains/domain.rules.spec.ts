import { describe, expect, it } from '@jest/globals';
import { challengeOf, domainProblem } from './domain.rules.ts';

describe('a domain', () => {
  it.each(['example.com', 'work.example.com', 'xn--mller-kva.de', 'a-b.co', '3m.com'])('may be %s', (domain) => {
    expect(domainProblem(domain, 'projectflow.example')).toBeNull();
  });

  it.each(['acme.projectflow.dev', 'projectflow.dev', 'printer.local', 'db.internal'])(
    'is nobody’s own: %s',
    (domain) => {
      expect(domainProblem(domain, 'projectflow.dev')).not.toBeNull();
    },
  );

  it('is proved by a record below it', () => {
    expect(challengeOf('example.com', 'abc')).toEqual({
      name: '_projectflow-challenge.example.com',
      value: 'projectflow-domain-verification=abc',
    });
  });
});
