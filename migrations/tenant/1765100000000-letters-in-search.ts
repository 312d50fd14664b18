import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Texts are searched in NFC, and the runs of scripts without spaces by their pairs of letters. A search of nothing but stop words
 * looks for them in titles, which hold every word as it stands.
 */
export class LettersInSearch1765100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [DOCUMENT, QUERY, ...REWRITES]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [DOCUMENT_BEFORE, QUERY_BEFORE, ...REWRITES]) await queryRunner.query(statement);
  }
}

const SIGNS = '<>-_/.@:+&~%?=#\\';
const documentOf = (text: (column: string) => string) =>
  `CREATE OR REPLACE FUNCTION "@tenant".search_document(title text, labels text, body text) RETURNS tsvector LANGUAGE sql STABLE AS $$
     SELECT setweight(to_tsvector(language, ${text('title')}), 'A') || strip(to_tsvector('extensions.unaccented_simple', ${text('title')}))
         || '.:2' || setweight(to_tsvector(language, ${text('labels')}), 'B')
         || '.:2' || setweight(to_tsvector(language, ${text('body')}), 'C')
       FROM "@tenant".search_language() AS own (language) $$`;
const parted = (column: string) => `translate(coalesce(${column}, ''), '${SIGNS}', '${' '.repeat(SIGNS.length)}')`;
const DOCUMENT = documentOf((column) => `extensions.segmented(${parted(column)})`);
const DOCUMENT_BEFORE = documentOf(parted);

const queryOf = (parts: string, wanted: string) =>
  `CREATE OR REPLACE FUNCTION "@tenant".search_query(typed text, earlier text, word text, either boolean) RETURNS tsquery LANGUAGE sql STABLE AS $$
     SELECT CASE WHEN querytree(wanted) IN ('', 'T') THEN ''::tsquery ELSE wanted END
       FROM "@tenant".search_language() AS own (language)
      CROSS JOIN LATERAL (
        SELECT websearch_to_tsquery(language, typed) AS whole, websearch_to_tsquery(language, earlier) AS before,${parts}
               to_tsquery('extensions.unaccented_simple', quote_literal(word) || ':*') AS beginning) parts
      CROSS JOIN LATERAL (
        SELECT CASE ${wanted}
                    WHEN word IS NULL THEN whole WHEN numnode(before) = 0 THEN whole || beginning
                    WHEN either THEN whole || before || beginning ELSE whole || (before && beginning) END) built (wanted) $$`;

// Titles hold their words as they stand without places, so that a phrase of stop words is the words of it.
const asItStands = (text: string) =>
  `websearch_to_tsquery('extensions.unaccented_simple', translate(${text}, '"', ' '))`;
const QUERY = queryOf(
  `
               ${asItStands('typed')} AS plain, ${asItStands('earlier')} AS plain_before,`,
  `WHEN numnode(whole) = 0 AND word IS NULL THEN plain
                    WHEN numnode(whole) = 0 AND numnode(plain_before) = 0 THEN beginning
                    WHEN numnode(whole) = 0 AND either THEN plain_before || beginning
                    WHEN numnode(whole) = 0 THEN plain_before && beginning`,
);
const QUERY_BEFORE = queryOf('', '');

/** Anything that is no ASCII: what may be segmented or composed. */
const NON_ASCII = '[^[:ascii:]]';

/** Rows that are held meanwhile, so that the words of whoever is writing one of them are not written over. */
const rewriting = (table: string, texts: string, title: string, document: string) =>
  `UPDATE "@tenant".search_entries e SET title = ${title}, document = "@tenant".search_document(${document})
     FROM (SELECT * FROM "@tenant".${table} WHERE concat_ws(' ', ${texts}) ~ '${NON_ASCII}' ORDER BY id FOR NO KEY UPDATE) held
    WHERE held.id = e.id`;

const TAGS = `array_to_string(tags, ' ')`;
const REWRITES = [
  rewriting(
    'tasks',
    `title, ${TAGS}, description`,
    'extensions.searchable(held.title)',
    `held.title, array_to_string(held.tags, ' '), held.description`,
  ),
  rewriting('projects', 'name, description', 'extensions.searchable(held.name)', 'held.name, NULL, held.description'),
  rewriting('comments', 'body', 'NULL', 'NULL, NULL, held.body'),
];
