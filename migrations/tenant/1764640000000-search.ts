import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is searched for, beside the rows that it tells of: a change of a task's status writes no index of words. Triggers
 * keep it, so that no way of writing forgets it. The language of the stems is a row, and no part of the schema.
 */
export class Search1764640000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const [table, name] of TRIGGERS) await queryRunner.query(`DROP TRIGGER ${name} ON "@tenant".${table}`);
    for (const routine of ROUTINES) await queryRunner.query(`DROP FUNCTION "@tenant".${routine}`);
    await queryRunner.query(`DROP INDEX "@tenant".tasks_by_project_and_due_date`);
    await queryRunner.query(`DROP TABLE "@tenant".search_entries, "@tenant".search_settings`);
  }
}

const TRIGGERS = ['tasks', 'projects', 'comments'].flatMap((table) =>
  ['new', 'changed', 'gone'].map((what) => [table, `${table}_${what}_in_search`] as const),
);

const ROUTINES = [
  'enter_task()',
  'enter_project()',
  'enter_comment()',
  'leave_search()',
  'search_query(text, text, text, boolean)',
  'search_document(text, text, text)',
  'search_language()',
];

const ENTRY = `INSERT INTO "@tenant".search_entries (id, type, language, title, tags, document)`;
const LANGUAGE = `(SELECT language FROM "@tenant".search_settings)`;
const AGAIN = `ON CONFLICT (id) DO UPDATE SET language = excluded.language, title = excluded.title, tags = excluded.tags, document = excluded.document`;

const TASK = (t: string) => `${t}.id, 'task', ${LANGUAGE}, extensions.searchable(${t}.title), ${t}.tags,
    "@tenant".search_document(${t}.title, array_to_string(${t}.tags, ' '), ${t}.description)`;
const PROJECT = (p: string) => `${p}.id, 'project', ${LANGUAGE}, extensions.searchable(${p}.name), NULL,
    "@tenant".search_document(${p}.name, NULL, ${p}.description)`;
const COMMENT = (c: string) =>
  `${c}.id, 'comment', ${LANGUAGE}, NULL, NULL, "@tenant".search_document(NULL, NULL, ${c}.body)`;

const entering = (
  name: string,
  values: (row: string) => string,
) => `CREATE OR REPLACE FUNCTION "@tenant".${name}() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    ${ENTRY} VALUES (${values('NEW')}) ${AGAIN};
    RETURN NULL;
  END $$`;

const kept = (table: string, name: string, columns: string[]) => [
  `CREATE TRIGGER ${table}_new_in_search AFTER INSERT ON "@tenant".${table} FOR EACH ROW EXECUTE FUNCTION "@tenant".${name}()`,
  `CREATE TRIGGER ${table}_changed_in_search AFTER UPDATE ON "@tenant".${table} FOR EACH ROW
     WHEN (${columns.map((column) => `OLD.${column} IS DISTINCT FROM NEW.${column}`).join(' OR ')})
     EXECUTE FUNCTION "@tenant".${name}()`,
  `CREATE TRIGGER ${table}_gone_in_search AFTER DELETE ON "@tenant".${table} FOR EACH ROW EXECUTE FUNCTION "@tenant".leave_search()`,
];

/** All there is; then, with the triggers there, what was written in between: writers wait for the short second look alone. */
const filled = (table: string, values: (row: string) => string) =>
  `${ENTRY} SELECT ${values('r')} FROM "@tenant".${table} r`;
const caughtUp = (table: string, values: (row: string) => string) => `${filled(table, values)}
   WHERE r.updated_at >= now() - interval '1 minute' OR NOT EXISTS (SELECT 1 FROM "@tenant".search_entries e WHERE e.id = r.id) ${AGAIN}`;

const STATEMENTS = [
  `CREATE TABLE "@tenant".search_settings (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    language text NOT NULL DEFAULT 'english' CHECK (language ~ '^[a-z]+$'),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
  )`,
  `INSERT INTO "@tenant".search_settings DEFAULT VALUES`,
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
     SELECT ('extensions.unaccented_' || language)::regconfig FROM "@tenant".search_settings $$`,
  // Titles hold their words as they stand besides, without places, so that a word that is being typed is found before its stem
  // is complete. The dots, which are no words, keep phrases from reaching from one part into the next.
  `CREATE OR REPLACE FUNCTION "@tenant".search_document(title text, labels text, body text) RETURNS tsvector LANGUAGE sql STABLE AS $$
     SELECT setweight(to_tsvector(language, coalesce(title, '')), 'A') || strip(to_tsvector('extensions.unaccented_simple', coalesce(title, '')))
         || '.:2' || setweight(to_tsvector(language, coalesce(labels, '')), 'B')
         || '.:2' || setweight(to_tsvector(language, coalesce(body, '')), 'C')
       FROM "@tenant".search_language() AS own (language) $$`,
  // What only excludes would find nearly everything, and no index helps: it finds nothing.
  `CREATE OR REPLACE FUNCTION "@tenant".search_query(typed text, earlier text, word text, either boolean) RETURNS tsquery LANGUAGE sql STABLE AS $$
     SELECT CASE WHEN querytree(wanted) IN ('', 'T') THEN ''::tsquery ELSE wanted END
       FROM "@tenant".search_language() AS own (language)
      CROSS JOIN LATERAL (
        SELECT websearch_to_tsquery(language, typed) AS whole, websearch_to_tsquery(language, earlier) AS before,
               to_tsquery('extensions.unaccented_simple', quote_literal(word) || ':*') AS beginning) parts
      CROSS JOIN LATERAL (
        SELECT CASE WHEN word IS NULL THEN whole WHEN numnode(before) = 0 THEN whole || beginning
                    WHEN either THEN whole || before || beginning ELSE whole || (before && beginning) END) built (wanted) $$`,

  entering('enter_task', TASK),
  entering('enter_project', PROJECT),
  entering('enter_comment', COMMENT),
  `CREATE OR REPLACE FUNCTION "@tenant".leave_search() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM "@tenant".search_entries WHERE id = OLD.id;
    RETURN NULL;
  END $$`,

  filled('tasks', TASK),
  filled('projects', PROJECT),
  filled('comments', COMMENT),
  `CREATE INDEX search_entries_of_tasks ON "@tenant".search_entries USING gin (document) WHERE type = 'task'`,
  `CREATE INDEX search_entries_of_projects ON "@tenant".search_entries USING gin (document) WHERE type = 'project'`,
  `CREATE INDEX search_entries_of_comments ON "@tenant".search_entries USING gin (document) WHERE type = 'comment'`,
  `CREATE INDEX search_entries_by_title ON "@tenant".search_entries USING gin (title extensions.gin_trgm_ops)`,

  `CREATE INDEX search_entries_by_tags ON "@tenant".search_entries USING gin (tags)`,

  // As lists sort them: what has no due date comes last.
  `CREATE INDEX tasks_by_project_and_due_date ON "@tenant".tasks (project_id, (coalesce(due_date, 'infinity'::date)), id)
     WHERE deleted_at IS NULL -- lint allow index-under-lock: a tenant's tasks are few enough`,
  ...kept('tasks', 'enter_task', ['title', 'tags', 'description']),
  ...kept('projects', 'enter_project', ['name', 'description']),
  ...kept('comments', 'enter_comment', ['body']),
  caughtUp('tasks', TASK),
  caughtUp('projects', PROJECT),
  caughtUp('comments', COMMENT),
];
