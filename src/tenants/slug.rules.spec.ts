import { describe, expect, it } from '@jest/globals';
import { slugProblem } from './slug.rules.ts';

describe('a slug', () => {
  it.each(['abc', 'acme', 'acme-corp', '3m-company', 'a'.repeat(50), 'a--b'])('may be %s', (slug) => {
    expect(slugProblem(slug)).toBeNull();
  });

  it.each([
    '',
    'ab',
    'a'.repeat(51),
    '-acme',
    'acme-',
    'Acme',
    'acme_corp',
    'acme.com',
    'äcme',
    'ac me',
    'xn--acme',
    'acme\n',
  ])('may not be %j', (slug) => {
    expect(slugProblem(slug)).toBe('invalid');
  });

  it.each(['www', 'api', 'admin', 'mail', 'projectflow'])('may not be the reserved %s', (slug) => {
    expect(slugProblem(slug)).toBe('reserved');
  });
});
