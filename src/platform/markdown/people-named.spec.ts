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
    ['a link with a title', '[as @jo@acme.test said](https://acme.test/(a) "Title")'],
    ['a picture', '![of @jo@acme.test](https://acme.test/jo.png)'],
    ['code of several lines', '``a\n` @jo@acme.test\nb``'],
    ['code in a quote', '> ~~~\n> @jo@acme.test\n> ~~~'],
    ['a tag and a comment', '<b title="@jo@acme.test">x</b> <!-- @jo@acme.test -->'],
    ['a mention whose link has no end', `@[Mia](user:${MIA} "title`],
    ['a word', 'a@jo@acme.test @jo @jo@acme'],
  ])('are none in %s', (_, text) => {
    expect(peopleNamedIn(text)).toEqual({ ids: [], emails: [] });
  });

  it.each([
    ['backticks without their like', '`` @jo@acme.test `'],
    ['a bracket that begins no link', '[a @jo@acme.test](x y @ [b'],
    ['an angle bracket', '1 < 2 and @jo@acme.test > nobody'],
    ['a fence that is closed, or whose quote ends', '```\n@x@acme.test\n```\n> ```\n> @x@acme.test\n\n@jo@acme.test'],
    ['a list within a list', '- one\n  - two\n\n      @jo@acme.test'],
    ['a line that goes on', 'as I wrote to\n      @jo@acme.test'],
    ['emphasis', '_**@jo@acme.test**_'],
  ])('are named beside %s', (_, text) => {
    expect(peopleNamedIn(text)).toEqual({ ids: [], emails: ['jo@acme.test'] });
  });

  it('are named by a link within brackets, with a title too', () => {
    const text = `[see @[Mia [the 2nd]](user:${MIA} "of Acme") and @[Jo](<user:${JO}>)](x)`;
    expect(peopleNamedIn(text)).toEqual({ ids: [MIA, JO], emails: [] });
  });

  it('are none in a text that is nested deeper than can be read', () => {
    expect(peopleNamedIn(`${'>'.repeat(20_000)}@jo@acme.test`)).toEqual({ ids: [], emails: [] });
  });
});
