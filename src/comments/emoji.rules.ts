/** One emoji that is meant to be drawn by all systems (Unicode, RGI), with its skin tone, its joined figures and its flag. */
const ONE_EMOJI = /^\p{RGI_Emoji}$/v;
/** Asks for the coloured form of what is a plain sign otherwise. */
const AS_EMOJI = '\uFE0F';

/** As it is kept, so that ❤ and ❤️ are one reaction; null for what is not exactly one emoji. */
export function oneEmoji(text: string): string | null {
  return [text, `${text}${AS_EMOJI}`].find((each) => ONE_EMOJI.test(each)) ?? null;
}
