import { describe, expect, it } from '@jest/globals';
import { DOMAIN_PATTERN } from './domain-names.ts';

describe('a domain', () => {
  it.each(['example.com', 'work.example.com', 'xn--mller-kva.de', 'a-b.co', '3m.com'])('may be %s', (domain) => {
    expect(DOMAIN_PATTERN.test(domain)).toBe(true);
  });

  it.each([
    'com',
    '192.168.1.1',
    'Example.com',
    '-a.com',
    'a-.com',
    'a..com',
    'exämple.com',
    'a.com.',
    'a b.com',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(126)}com`,
  ])('may not be %s', (domain) => {
    expect(DOMAIN_PATTERN.test(domain)).toBe(false);
  });
});
