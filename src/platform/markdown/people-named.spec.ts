import { describe, expect, it } from '@jest/globals';
import { peopleNamedIn } from './people-named.ts';

const MIA = '0190b1d2-0000-7000-8000-00000000000a';
const JO = '0190b1d2-0000-7000-8000-00000000000b';
const mia = `@[Mia *Ö*](user:${MIA})`;

describe('people named in a text', () => {
  it('are those that an editor has linked behind an @, each once, in any case of the id', () => {
    const text = `${mia}, ask @[Jo](user:${JO.toUpperCase()})!\n\n- ${mia}\n\n> (**@[Jo](user:${JO})**`;
    expect(peopleNamedIn(text)).toEqual({ ids: [MIA, JO], emails: [] });
  });

  it('are those whose address stands behind an @, with underscores and at the end of a sentence', () => {
    const text = 'Hi @Mia_B_c+x@acme.test. # @q@r.s\n\n# For @jo@acme-2.co.test, (@li@acme.test)';
    expect(peopleNamedIn(text).emails).toEqual(['mia_b_c+x@acme.test', 'q@r.s', 'jo@acme-2.co.test', 'li@acme.test']);
  });

  it.each([
    ['code', `\`${mia} @jo@acme.test\``],
    ['a block of code', `\`\`\`\n${mia} @jo@acme.test\n\`\`\``],
    ['an indented block', `    ${mia} @jo@acme.test`],
    ['a link', '[as @jo@acme.test said](https://acme.test)'],
    ['an address on the web', 'https://social.test/@jo@acme.test'],
    ['an address without an @ before it', 'jo@acme.test and <jo@acme.test>'],
    ['an escaped @', `\\${mia} \\@jo@acme.test`],
    ['a link that is no mention', `[Mia](user:${MIA}) @[Mia](user:7) x@[Mia](user:${MIA})`],
    ['a word', 'a@jo@acme.test @jo @jo@acme'],
  ])('are none in %s', (_, text) => {
    expect(peopleNamedIn(text)).toEqual({ ids: [], emails: [] });
  });

  it('are none in a text that is nested deeper than can be read', () => {
    expect(peopleNamedIn(`${'>'.repeat(20_000)}@jo@acme.test`)).toEqual({ ids: [], emails: [] });
  });
});
