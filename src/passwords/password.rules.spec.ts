import { beforeAll, describe, expect, it } from '@jest/globals';
import { PasswordGuesses } from './password-guesses.service.ts';
import { guessesOf, weaknessOf, type CountGuesses } from './password.rules.ts';

let guesses: CountGuesses;
beforeAll(async () => {
  guesses = await new PasswordGuesses().load();
});

const texts = ['Northwind Traders', 'northwind', 'ada.lovelace@northwind.test', 'Ada', 'Lovelace'];
const codeOf = (password: string, besideFactor = false) =>
  weaknessOf(password, texts, besideFactor, guesses)?.code ?? null;

describe('a password', () => {
  it.each([
    'correct horse battery',
    'a rather long password',
    'grün ist die Hoffnung',
    'northwind blows in autumn',
    '🐎🔋📎✅🐎🔋📎✅🐎🔋📎✅🐎🔋✨',
    'kR7#qv2!mZ9$wL4',
    '48151623421082026739',
    `${'a'.repeat(60)} lantern turnip quilt zebra`,
  ])('is taken when it is long enough and hard to guess, whatever its characters are: %s', (password) => {
    expect(codeOf(password)).toBeNull();
  });

  it('needs 15 characters alone and 8 beside a second factor', () => {
    expect(codeOf('fourteen chars')).toBe('too_short');
    expect(codeOf('fifteen chars !')).toBeNull();
    expect(codeOf('kR7#qv2!', true)).toBeNull();
    expect(codeOf('Password1234', true)).toBe('too_common');
    expect(codeOf('lovelace26', true)).toBe('guessable');
    expect(codeOf('seven c', true)).toBe('too_short');
  });

  it('is counted by characters, not by units of an encoding', () => {
    expect(codeOf('🐎🐎🐎🐎🐎🐎🐎🐎')).toBe('too_short');
  });

  it.each([
    ['a common one with digits', 'password1234567'],
    ['digits in a row', '123456789012345'],
    ['digits in a row, downwards', '987654321098765'],
    ['letters in a row', 'abcdefghijklmnopqr'],
    ['a walk over the keyboard', 'qwertyuiopasdfgh'],
    ['another walk', '1qaz2wsx3edc4rfv'],
    ['a walk in words', 'qwerty asdfgh zxcvbn'],
    ['common ones in a row', 'monkeydragonmaster'],
    ['a common one in disguise', 'P@$$w0rd1234567'],
    ['a common one twice', 'iloveyou iloveyou'],
    ['a common one, letter by letter', 'p a s s w o r d 1 2 3'],
    ['one letter', 'aaaaaaaaaaaaaaaa'],
    ['a few letters over and over', 'abcabcabcabcabcabc'],
    ['a common one over and over', 'passwordpassword'],
    ['blanks', '               x'],
    ['days', '19801980198019801980'],
    ['a common one over and over, as long as can be', 'letmein1'.repeat(16)],
    ['the product with the year', 'projectflow2026!'],
  ])('is refused when it is %s', (_, password) => {
    expect(codeOf(password)).toMatch(/too_common|guessable/);
  });

  it.each([
    'northwindlovelace1',
    'Ada Lovelace 2026',
    'ada-ada-ada-ada-ada',
    'Northwind2026!!!!!',
    'Northwind Traders 2026',
    'northwindtraders99',
    'N0rthw1nd-2026-!!',
    'ada lovelace northwind',
  ])('is refused when little is left of it but names of this place: %s', (password) => {
    expect(codeOf(password)).toMatch(/guessable|too_common/);
  });

  it('is estimated once, however long it is and whatever comes of it', () => {
    for (const password of ['p4$5W0rd'.repeat(16), 'password1234567', 'northwindlovelace1']) {
      let asked = 0;
      const once = (...all: Parameters<CountGuesses>) => {
        asked += 1;
        return guesses(...all);
      };
      expect(weaknessOf(password, texts, false, once)).not.toBeNull();
      expect(asked).toBeLessThanOrEqual(1);
    }
    const pieces: string[] = [];
    guessesOf('p4$5W0rd'.repeat(16), (piece) => pieces.push(piece));
    expect([...pieces.join('')].length).toBeLessThanOrEqual(32);
  });

  it('is not refused for what lies behind the part that is judged', () => {
    expect(codeOf(`lantern turnip quilt zebra ${'a'.repeat(90)}`)).toBeNull();
    expect(codeOf(`lantern turnip quilt zebra orchid walnut gravel mirror bucket ${'password'.repeat(8)}`)).toBeNull();
  });

  it('is judged in pieces, so that the work grows with its length and no faster', () => {
    const asked: number[] = [];
    const count = (piece: string) => {
      asked.push([...piece].length);
      return 1;
    };
    const letters = (many: number) => Array.from({ length: many }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
    for (const many of [16, 32, 33, 64, 128, 2_000]) guessesOf(letters(many), count);
    expect(Math.max(...asked)).toBeLessThanOrEqual(32);
    expect(asked).toHaveLength(1 + 1 + 2 + 2 + 2 + 2);
  });
});
