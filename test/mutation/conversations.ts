import type { Mutant } from './mutant.ts';

const LINKS = 'test/attachments/links.spec.ts';
const REFUSED = 'test/attachments/refused-files.spec.ts';
const HALF = 'test/attachments/half-uploads.spec.ts';
const MENTIONS = 'test/comments/mentions.spec.ts';

/** What people say and attach: who is told of it, what is taken, and who may follow a link. */
export const CONVERSATIONS: Mutant[] = [
  {
    name: 'everybody can be mentioned',
    file: 'src/comments/mentions.service.ts',
    find: 'people.filter((person) => canBeMentioned(person, task))',
    replace: 'people.filter((person) => canBeMentioned(person, task) || true)',
    spec: MENTIONS,
    test: 'a mention leaves as text who may not see the task, is inactive, of another organisation or nobody',
  },
  {
    name: 'a link to a file needs no signature',
    file: 'src/attachments/file-links.service.ts',
    find: 'seals.some((seal) => timingSafeEqual(seal, parsed.seal))',
    replace: 'seals.some((seal) => timingSafeEqual(seal, parsed.seal) || true)',
    spec: LINKS,
    test: 'a link to a file is refused when any part of it is another',
  },
  {
    name: 'a link to a file lasts for ever',
    file: 'src/attachments/file-links.service.ts',
    find: 'if (link.expiresAt * 1_000 <= Date.now())',
    replace: 'if (link.expiresAt < 0)',
    spec: LINKS,
    test: 'a link to a file lasts as long as was asked for, an hour at most',
  },
  {
    name: 'a link to a file shows it to whoever has it',
    file: 'src/attachments/file-links.service.ts',
    find: 'this.contexts.open(served, actor, caller)',
    replace: 'this.contexts.open(served, undefined, caller)',
    spec: LINKS,
    test: 'a link to a file ends when whoever asked for it may not see the task any more',
  },
  {
    name: 'a program is taken under another name',
    file: 'src/attachments/file-kinds.rules.ts',
    find: 'REFUSED_FORMATS.has(format) && !isText',
    replace: 'REFUSED_FORMATS.has(format) && isText',
    spec: REFUSED,
    test: 'programs are refused by their content',
  },
  {
    name: 'a zip may become anything',
    file: 'src/attachments/zip-directory.rules.ts',
    find: 'unpacked > FREE_BYTES && ',
    replace: 'unpacked < 0 && ',
    spec: REFUSED,
    test: 'what an archive holds is refused when there is far more of it than the file',
  },
  {
    name: 'a failed upload leaves its file',
    file: 'src/attachments/attachment-uploads.service.ts',
    find: 'await this.remove(tenant.id, fileKey).catch(',
    replace: 'await Promise.resolve().catch(',
    spec: HALF,
    test: 'nothing is left on disk of one whose row cannot be written',
  },
  {
    name: 'an upload that breaks off leaves its draft',
    file: 'src/attachments/attachment-uploads.service.ts',
    find: 'await rm(draft, { force: true });',
    replace: '',
    spec: HALF,
    test: 'nothing is left on disk of an upload that breaks off',
  },
];
