import { describe, expect, it } from '@jest/globals';
import { oneEmoji } from './emoji.rules.ts';

describe('an emoji', () => {
  it.each(['👍', '👍🏽', '👩‍👩‍👧‍👦', '🇨🇭', '🏴󠁧󠁢󠁷󠁬󠁳󠁿', '1️⃣', '❤️'])('%s stands as it is', (emoji) => {
    expect(oneEmoji(emoji)).toBe(emoji);
  });

  it('is the same with and without the mark that colours it', () => {
    expect(oneEmoji('❤')).toBe('❤️');
  });

  it.each([
    ['✌🏽', ['✌\uFE0F🏽', '✌🏽\uFE0F', '✌\uFE0F🏽\uFE0F', '✌\uFE0E🏽']],
    ['👍🏽', ['👍\uFE0F🏽', '👍🏽\uFE0F']],
    ['❤️', ['❤', '❤\uFE0E', '❤\uFE0F\uFE0F']],
    ['⛹🏽\u200D♂\uFE0F', ['⛹🏽\u200D♂', '⛹\uFE0F🏽\u200D♂', '⛹🏽\uFE0F\u200D♂\uFE0F']],
    ['👁\uFE0F\u200D🗨\uFE0F', ['👁\u200D🗨', '👁\uFE0F\u200D🗨', '👁\u200D🗨\uFE0F']],
    ['🏳\uFE0F\u200D🌈', ['🏳\u200D🌈']],
    ['1\uFE0F\u20E3', ['1\u20E3']],
    ['👍', ['👍\uFE0F']],
  ])('%s is one, however it is written', (emoji, spellings) => {
    for (const spelling of [emoji, ...spellings]) expect(oneEmoji(spelling)).toBe(emoji);
  });

  it('stays as it is for every one that Unicode recommends of one sign', () => {
    const signs = Array.from({ length: 0x20000 }, (_, point) => String.fromCodePoint(point)).filter(
      (sign) => /^\p{RGI_Emoji}$/v.test(sign) || /^\p{RGI_Emoji}$/v.test(`${sign}\uFE0F`),
    );
    expect(signs.length).toBeGreaterThan(1_000);
    for (const sign of signs) {
      const emoji = oneEmoji(sign);
      expect([sign, `${sign}\uFE0F`]).toContain(emoji);
      expect(oneEmoji(`${sign}\uFE0F`)).toBe(emoji);
    }
  });

  it.each(['', 'a', '1', '👍👍', '👍 ', ':+1:', '\uFE0F', '🇨', '\u200D'])('is not %j', (text) => {
    expect(oneEmoji(text)).toBeNull();
  });
});
