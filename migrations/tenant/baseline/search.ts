const ENTRY = `INSERT INTO "@tenant".search_entries (id, type, language, title, tags, document)`;
const AGAIN = `ON CONFLICT (id) DO UPDATE SET language = excluded.language, title = excluded.title, tags = excluded.tags, document = excluded.document`;

const TASK = `NEW.id, 'task', own, extensions.searchable(NEW.title), NEW.tags,
        "@tenant".search_document(NEW.title, array_to_string(NEW.tags, ' '), NEW.description)`;
const PROJECT = `NEW.id, 'project', own, extensions.searchable(NEW.name), NULL,
        "@tenant".search_document(NEW.name, NULL, NEW.description)`;
const COMMENT = `NEW.id, 'comment', own, NULL, NULL, "@tenant".search_document(NULL, NULL, NEW.body)`;

const entering = (
  name: string,
  values: string,
) => `CREATE OR REPLACE FUNCTION "@tenant".${name}() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE own text;
  BEGIN
    SELECT value->>'language' INTO own FROM "@tenant".settings WHERE key = 'search';
    ${ENTRY} VALUES (${values}) ${AGAIN};
    RETURN NULL;
  END $$`;

const kept = (table: string, name: string, columns: string[]) => [
  `CREATE TRIGGER ${table}_new_in_search AFTER INSERT ON "@tenant".${table} FOR EACH ROW EXECUTE FUNCTION "@tenant".${name}()`,
  `CREATE TRIGGER ${table}_changed_in_search AFTER UPDATE ON "@tenant".${table} FOR EACH ROW
     WHEN (${columns.map((column) => `OLD.${column} IS DISTINCT FROM NEW.${column}`).join(' OR ')})
     EXECUTE FUNCTION "@tenant".${name}()`,
  `CREATE TRIGGER ${table}_gone_in_search AFTER DELETE ON "@tenant".${table} FOR EACH ROW EXECUTE FUNCTION "@tenant".leave_search()`,
];

/**
 * Signs within a text are blanks to searches: the parser of words took what stands between < and > for a tag, `PROJ-123` for a
 * word and a negative number, `src/app.ts` for a file that only its whole name finds; and a long run of letters and signs,
 * which it reads anew for each of these, took it seconds.
 */
const SIGNS = '<>-_/.@:+&~%?=#\\';
const text = (column: string) =>
  `extensions.segmented(translate(coalesce(${column}, ''), '${SIGNS}', '${' '.repeat(SIGNS.length)}'))`;

// Titles hold their words as they stand without places, so that a phrase of stop words is the words of it.
const asItStands = (typed: string) =>
  `websearch_to_tsquery('extensions.unaccented_simple', translate(${typed}, '"', ' '))`;

/**
 * What is searched for, beside the rows that it is about: a change of a task's status writes no index of words. Triggers keep
 * it, so that no way of writing forgets it. The language of the stems is a row, and no part of the schema.
 */
export const SEARCH = [
  `CREATE TABLE "@tenant".search_entries (
    id uuid PRIMARY KEY,
    type text NOT NULL CHECK (type IN ('task', 'project', 'comment')),
    language text NOT NULL,
    title text,
    tags text[],
    document tsvector NOT NULL
  )`,
  `COMMENT ON COLUMN "@tenant".search_entries.id IS 'of what it tells of'`,
  `COMMENT ON COLUMN "@tenant".search_entries.language IS 'whose stems the document holds'`,
  `COMMENT ON COLUMN "@tenant".search_entries.title IS 'in lower case, without accents'`,

  `CREATE OR REPLACE FUNCTION "@tenant".search_language() RETURNS regconfig LANGUAGE sql STABLE AS $$
     SELECT ('extensions.unaccented_' || (value->>'language'))::regconfig FROM "@tenant".settings WHERE key = 'search' $$`,
  // Titles hold their words as they stand besides, without places, so that a word that is being typed is found before its stem
  // is complete. The dots, which are no words, keep phrases from reaching from one part into the next.
  `CREATE OR REPLACE FUNCTION "@tenant".search_document(title text, labels text, body text) RETURNS tsvector LANGUAGE sql STABLE AS $$
     SELECT setweight(to_tsvector(language, ${text('title')}), 'A') || strip(to_tsvector('extensions.unaccented_simple', ${text('title')}))
         || '.:2' || setweight(to_tsvector(language, ${text('labels')}), 'B')
         || '.:2' || setweight(to_tsvector(language, ${text('body')}), 'C')
       FROM "@tenant".search_language() AS own (language) $$`,
  // What only excludes would find nearly everything, and no index helps: it finds nothing. A search of nothing but stop words
  // looks for them in titles, which hold every word as it stands.
  `CREATE OR REPLACE FUNCTION "@tenant".search_query(typed text, earlier text, word text, either boolean) RETURNS tsquery LANGUAGE sql STABLE AS $$
     SELECT CASE WHEN querytree(wanted) IN ('', 'T') THEN ''::tsquery ELSE wanted END
       FROM "@tenant".search_language() AS own (language)
      CROSS JOIN LATERAL (
        SELECT websearch_to_tsquery(language, typed) AS whole, websearch_to_tsquery(language, earlier) AS before,
               ${asItStands('typed')} AS plain, ${asItStands('earlier')} AS plain_before,
               to_tsquery('extensions.unaccented_simple', quote_literal(word) || ':*') AS beginning) parts
      CROSS JOIN LATERAL (
        SELECT CASE WHEN numnode(whole) = 0 AND word IS NULL THEN plain
                    WHEN numnode(whole) = 0 AND numnode(plain_before) = 0 THEN beginning
                    WHEN numnode(whole) = 0 AND either THEN plain_before || beginning
                    WHEN numnode(whole) = 0 THEN plain_before && beginning
                    WHEN word IS NULL THEN whole WHEN numnode(before) = 0 THEN whole || beginning
                    WHEN either THEN whole || before || beginning ELSE whole || (before && beginning) END) built (wanted) $$`,

  entering('enter_task', TASK),
  entering('enter_project', PROJECT),
  entering('enter_comment', COMMENT),
  `CREATE OR REPLACE FUNCTION "@tenant".leave_search() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM "@tenant".search_entries WHERE id = OLD.id;
    RETURN NULL;
  END $$`,

  `CREATE INDEX search_entries_of_tasks ON "@tenant".search_entries USING gin (document) WHERE type = 'task'`,
  `CREATE INDEX search_entries_of_projects ON "@tenant".search_entries USING gin (document) WHERE type = 'project'`,
  `CREATE INDEX search_entries_of_comments ON "@tenant".search_entries USING gin (document) WHERE type = 'comment'`,
  `CREATE INDEX search_entries_by_title ON "@tenant".search_entries USING gin (title extensions.gin_trgm_ops)`,
  `CREATE INDEX search_entries_by_tags ON "@tenant".search_entries USING gin (tags)`,
  ...kept('tasks', 'enter_task', ['title', 'tags', 'description']),
  ...kept('projects', 'enter_project', ['name', 'description']),
  ...kept('comments', 'enter_comment', ['body']),
];
