import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The parser of words takes what stands between < and > for a tag, and left it out of what is found. */
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

const DOCUMENT = documentOf((column) => `translate(coalesce(${column}, ''), '<>', '  ')`);
const DOCUMENT_BEFORE = documentOf((column) => `coalesce(${column}, '')`);

const REWRITES = [
  `UPDATE "@tenant".search_entries e
      SET document = "@tenant".search_document(t.title, array_to_string(t.tags, ' '), t.description)
     FROM "@tenant".tasks t WHERE t.id = e.id AND concat_ws(' ', t.title, array_to_string(t.tags, ' '), t.description) LIKE '%<%'`,
  `UPDATE "@tenant".search_entries e SET document = "@tenant".search_document(p.name, NULL, p.description)
     FROM "@tenant".projects p WHERE p.id = e.id AND concat_ws(' ', p.name, p.description) LIKE '%<%'`,
  `UPDATE "@tenant".search_entries e SET document = "@tenant".search_document(NULL, NULL, c.body)
     FROM "@tenant".comments c WHERE c.id = e.id AND c.body LIKE '%<%'`,
];
