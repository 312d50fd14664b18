import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Signs within a text are blanks to searches. The parser of words took what stands between < and > for a tag and left it out,
 * `PROJ-123` for a word and a negative number, `src/app.ts` for a file that only its whole name finds; and a long run of
 * letters and signs, which it reads anew for each of these, took it seconds.
 */
export class WholeTextsInSearch1764700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOCUMENT);
    for (const statement of REWRITES) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOCUMENT_BEFORE);
    for (const statement of REWRITES) await queryRunner.query(statement);
  }
}

const documentOf = (text: (column: string) => string) =>
  `CREATE OR REPLACE FUNCTION "@tenant".search_document(title text, labels text, body text) RETURNS tsvector LANGUAGE sql STABLE AS $$
     SELECT setweight(to_tsvector(language, ${text('title')}), 'A') || strip(to_tsvector('extensions.unaccented_simple', ${text('title')}))
         || '.:2' || setweight(to_tsvector(language, ${text('labels')}), 'B')
         || '.:2' || setweight(to_tsvector(language, ${text('body')}), 'C')
       FROM "@tenant".search_language() AS own (language) $$`;

const SIGNS = '<>-_/.@:+&~%?=#\\';
const DOCUMENT = documentOf(
  (column) => `translate(coalesce(${column}, ''), '${SIGNS}', '${' '.repeat(SIGNS.length)}')`,
);
const DOCUMENT_BEFORE = documentOf((column) => `coalesce(${column}, '')`);

/** A dot at the end of a sentence changes nothing. */
const WITH_SIGNS = '[-<>_/@:+&~%?=#\\\\]|[.][[:alnum:]]';

/** Rows that are held meanwhile, so that the words of somebody who is writing one of them are not written over. */
const rewriting = (table: string, texts: string, document: string) =>
  `UPDATE "@tenant".search_entries e SET document = "@tenant".search_document(${document})
     FROM (SELECT * FROM "@tenant".${table} WHERE concat_ws(' ', ${texts}) ~ '${WITH_SIGNS}' ORDER BY id FOR NO KEY UPDATE) held
    WHERE held.id = e.id`;

const TAGS = `array_to_string(tags, ' ')`;
const REWRITES = [
  rewriting('tasks', `title, ${TAGS}, description`, `held.title, array_to_string(held.tags, ' '), held.description`),
  rewriting('projects', 'name, description', 'held.name, NULL, held.description'),
  rewriting('comments', 'body', 'NULL, NULL, held.body'),
];
