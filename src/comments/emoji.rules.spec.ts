import { describe, expect, it } from '@jest/globals';
import { oneEmoji } from './emoji.rules.ts';

describe('an emoji', () => {
  it.each(['👍', '👍🏽', '👩‍👩‍👧‍👦', '🇨🇭', '🏴󠁧󠁢󠁷󠁬󠁳󠁿', '1️⃣', '❤️'])('%s stands as it is', (emoji) => {
    expect(oneEmoji(emoji)).toBe(emoji);
  });

  it('is the same with and without the mark that colours it', () => {
    expect(oneEmoji('❤')).toBe('❤️');
  });

  it.each(['', 'a', '1', '👍👍', '👍 ', ':+1:', '\uFE0F', '🇨', '\u200D'])('is not %j', (text) => {
    expect(oneEmoji(text)).toBeNull();
  });
});
