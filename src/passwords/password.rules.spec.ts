import { describe, expect, it } from '@jest/globals';
import { weaknessOf } from './password.rules.ts';

const common = new Set(['password', 'password1234', '1qaz2wsx3edc4rfv']);
const isCommon = (plain: string) => common.has(plain);
const words = ['Northwind Traders', 'northwind', 'ada.lovelace@northwind.test', 'Ada', 'Lovelace'];
const codeOf = (password: string, besideFactor = false) =>
  weaknessOf(password, words, besideFactor, isCommon)?.code ?? null;

describe('a password', () => {
  it('is taken when it is long enough, whatever its characters are', () => {
    for (const password of [
      'correct horse battery',
      '               x',
      'grün ist die Hoffnung',
      '🐎🔋📎✅🐎🔋📎✅🐎🔋📎✅🐎🔋✨',
    ])
      expect([password, codeOf(password)]).toEqual([password, null]);
  });

  it('needs 15 characters alone and 8 beside a second factor', () => {
    expect(codeOf('fourteen chars')).toBe('too_short');
    expect(codeOf('fifteen chars !')).toBeNull();
    expect(codeOf('eight ch', true)).toBeNull();
    expect(codeOf('seven c', true)).toBe('too_short');
  });

  it('is counted by characters, not by units of an encoding', () => {
    expect(codeOf('🐎🐎🐎🐎🐎🐎🐎🐎')).toBe('too_short');
  });

  it('is refused when it is among the commonest, in any case', () => {
    expect(codeOf('Password1234', true)).toBe('too_common');
    expect(codeOf('1QAZ2wsx3edc4rfv')).toBe('too_common');
  });

  it('is refused when it only repeats', () => {
    expect(codeOf('aaaaaaaaaaaaaaaa')).toBe('too_common');
    expect(codeOf('passwordpassword')).toBe('too_common');
    expect(codeOf('abcabcabcabcabcabc')).toBe('too_common');
  });

  it('is refused when little is left of it but names of this place', () => {
    expect(codeOf('northwindlovelace1')).toBe('guessable');
    expect(codeOf('Ada Lovelace 2026')).toBe('guessable');
    expect(codeOf('northwind blows in autumn')).toBeNull();
  });
});
