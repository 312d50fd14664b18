import { describe, expect, it } from '@jest/globals';
import { hasWebAddress, isOneLine } from './plain-names.ts';

describe('a name', () => {
  it.each([
    'https://evil.example',
    'Click http://1.2.3.4 now',
    'evil.example',
    'Win at EVIL.Example/prize',
    'www.evil',
    'a.b.evil.com',
    't.co/x',
    'x.com',
    'mail me@evil.example',
    'ｅｖｉｌ．ｃｏｍ',
    'evil。com',
    'bücher.example',
    'HTTPS://EVIL',
  ])('with an address of the web is told: %s', (name) => {
    expect(hasWebAddress(name)).toBe(true);
  });

  it.each([
    'Ada Lovelace',
    'J. R. R. Tolkien',
    'J.R.R. Tolkien',
    'Dr. Smith',
    'Acme Inc.',
    'O’Brien & Co.',
    '李雷',
    'Version 2.0',
    'Nr.5',
    'No. 5: a/b',
    '...',
  ])('without one is left alone: %s', (name) => {
    expect(hasWebAddress(name)).toBe(false);
  });

  it('is one line', () => {
    for (const name of [
      'a\nb',
      'a\rb',
      'a\u2028b',
      'a\u2029b',
      'a\u0085b',
      'a\tb',
      '\0',
      'a\u001bb',
      'a\u202eb',
      'a\u2066b',
    ])
      expect([name, isOneLine(name)]).toEqual([name, false]);
    for (const name of ['Ada Lovelace', 'নীলা\u200d', '👩‍🚀', 'שלום', 'a\u200eb'])
      expect([name, isOneLine(name)]).toEqual([name, true]);
  });
});
