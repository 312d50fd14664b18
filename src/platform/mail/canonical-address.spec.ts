import { describe, expect, it } from '@jest/globals';
import { addressKey, canonicalAddress, canonicalDomain } from './canonical-address.ts';

describe('an e-mail address', () => {
  it.each([
    ['Ingrid@Northwind.TEST', 'ingrid@northwind.test'],
    ['ingrid@northwind.test.', 'ingrid@northwind.test'],
    ['ingrid@ｎｏｒｔｈｗｉｎｄ。test', 'ingrid@northwind.test'],
    ['ingrid@north\u00adwind.test', 'ingrid@northwind.test'],
    ['ingrid@BÜCHER.example', 'ingrid@xn--bcher-kva.example'],
    ['ingrid@bu\u0308cher.example', 'ingrid@xn--bcher-kva.example'],
    ['ingrid@XN--bcher-KVA.example', 'ingrid@xn--bcher-kva.example'],
    ['a+b@c@northwind.test', 'a+b@c@northwind.test'],
    ['mu\u0308ller@northwind.test', 'm\u00fcller@northwind.test'],
  ])('%s has one spelling, %s', (typed, canonical) => {
    expect(canonicalAddress(typed)).toBe(canonical);
    expect(canonicalAddress(canonical)).toBe(canonical);
  });

  it('is another one with another letter that is not of ASCII, however databases and programs fold it', () => {
    const spellings = ['İngrid', 'ıngrid', 'i\u0307ngrid', 'ｉngrid', 'INGRİD', 'éa', 'Éa', '\u212aai', 'ſam'];
    const all = [...spellings, 'ingrid', 'kai', 'sam'].map((local) => canonicalAddress(`${local}@northwind.test`));
    expect(new Set(all).size).toBe(all.length);
    expect(canonicalAddress('ingrid@northwİnd.test')).toBe('ingrid@xn--northwind-ckf.test');
  });

  it.each([
    'ingrid',
    '@northwind.test',
    'ingrid@',
    'ingrid@northwind.test/evil.example',
    'ingrid@northwind.test#evil.example',
    'ingrid@northwind.test:80',
    'ingrid@n%6Frthwind.test',
    'ingrid@northwind..test',
    'ingrid@northwind.test..',
    'ingrid@-northwind.test',
    'ingrid@0x7f.1',
    'ingrid@[127.0.0.1]',
    'ingrid@north wind.test',
    'ingrid@north\u200dwind.test',
    'ingrid@north_wind.test',
    'in\ngrid@northwind.test',
    'ingrid\u200b@northwind.test',
    'in\u202egrid@northwind.test',
    'in\ud800grid@northwind.test',
    `ingrid@${'a'.repeat(64)}.test`,
  ])('is none where its domain has no A-labels: %j', (typed) => {
    expect(canonicalAddress(typed)).toBeNull();
  });

  it('is counted as it was typed, but for the case of ASCII, where it is none', () => {
    expect(addressKey('Ingrid@North Wind')).toBe('ingrid@north wind');
    expect(addressKey('Ingrid@Northwind.test.')).toBe('ingrid@northwind.test');
  });

  it('has a domain that is compared in the same way', () => {
    expect(canonicalDomain('Bücher.EXAMPLE.')).toBe('xn--bcher-kva.example');
    expect(canonicalDomain('bücher.example/x')).toBeNull();
  });
});
