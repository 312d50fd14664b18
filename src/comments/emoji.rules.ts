/** One emoji that is meant to be drawn by all systems (Unicode, RGI), with its skin tone, its joined figures and its flag. */
const ONE_EMOJI = /^\p{RGI_Emoji}$/v;
/** Ask for the plain and for the coloured form of a sign. Some keyboards send one before a skin tone, some behind it, some none. */
const VARIATION_SELECTORS = /[\uFE0E\uFE0F]/g;
/** A sign that is drawn plainly unless asked otherwise; a skin tone behind it asks for the coloured form as well. */
const PLAIN_SIGN = /(?!\p{Emoji_Presentation})\p{Emoji}(?!\p{Emoji_Modifier})/gu;

/**
 * An emoji in its fully qualified form (Unicode Technical Standard 51, ED-18a), so that all ways of writing it are one reaction;
 * null for what is not exactly one emoji.
 */
export function oneEmoji(text: string): string | null {
  const qualified = text.replaceAll(VARIATION_SELECTORS, '').replaceAll(PLAIN_SIGN, '$&\uFE0F');
  return ONE_EMOJI.test(qualified) ? qualified : null;
}
