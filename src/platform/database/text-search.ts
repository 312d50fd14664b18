import type pg from 'pg';
import { OperatorError } from '../errors/app-error.ts';
import { UNSPACED_SQL } from '../text-search/unspaced-scripts.ts';

/** Whose words PostgreSQL 16 knows the stems of; `simple` takes every word as it is. */
export const SEARCH_LANGUAGES = [
  'simple',
  'arabic',
  'armenian',
  'basque',
  'catalan',
  'danish',
  'dutch',
  'english',
  'finnish',
  'french',
  'german',
  'greek',
  'hindi',
  'hungarian',
  'indonesian',
  'irish',
  'italian',
  'lithuanian',
  'nepali',
  'norwegian',
  'portuguese',
  'romanian',
  'russian',
  'serbian',
  'spanish',
  'swedish',
  'tamil',
  'turkish',
  'yiddish',
] as const;
export type SearchLanguage = (typeof SEARCH_LANGUAGES)[number];

const EXTENSIONS = ['pg_trgm', 'unaccent'];
const CONFIGURATION = (language: string) => `unaccented_${language}`;
/** Of a word, in any script; numbers and addresses have no accents. */
const WORDS = 'asciiword, word, hword_part, hword_asciipart, hword, asciihword';

/**
 * What searches of tenants need in the schema `extensions`: two extensions; for each language a configuration that takes
 * the accents off before it looks for stems; `searchable(text)`, lower case without accents, for parts of words; and
 * `segmented(text)`, which writes the runs of scripts without spaces as pairs of letters.
 *
 * @throws OperatorError when the server does not have the extensions, or has them elsewhere
 */
export async function prepareTextSearch(owner: pg.Client, cluster: string): Promise<void> {
  for (const extension of EXTENSIONS) await install(owner, extension, cluster);
  const { rows } = await owner.query<{ names: string[] }>(
    `SELECT ARRAY (SELECT cfgname::text FROM pg_ts_config WHERE cfgnamespace = 'extensions'::regnamespace) AS names`,
  );
  const missing = SEARCH_LANGUAGES.filter((language) => !rows[0]!.names.includes(CONFIGURATION(language)));
  // One text is one transaction: no configuration is left without its dictionaries.
  await owner.query([...missing.map((language) => configuration(language)), SEARCHABLE, SEGMENTED].join(';\n'));
}

// unaccent() itself follows a search path and can be in no index; with the dictionary named, it can only change with the server.
// Composed first: the dictionary knows the letters that have an accent, and none that an accent stands behind.
const SEARCHABLE = `CREATE OR REPLACE FUNCTION extensions.searchable(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN lower(extensions.unaccent('extensions.unaccent'::regdictionary, normalize($1, NFC)))`;

/**
 * In NFC, each letter of an unspaced script is followed by its neighbour, so that a run is found by any two of its letters; the
 * last one stands alone, so that a single letter finds the pairs that begin with it and the end of a run. It is linear.
 */
const SEGMENTED = `CREATE OR REPLACE FUNCTION extensions.segmented(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN CASE WHEN $1 ~ '[${UNSPACED_SQL}]' THEN (
    SELECT string_agg(CASE WHEN NOT is_unspaced THEN letter
                           WHEN next_is_unspaced THEN lead_in || letter || next || ' '
                           ELSE lead_in || letter || ' ' END, '' ORDER BY place)
      FROM (SELECT letter, place, is_unspaced, next, coalesce(lead(is_unspaced) OVER places, false) AS next_is_unspaced,
                   CASE WHEN lag(is_unspaced) OVER places THEN '' ELSE ' ' END AS lead_in
              FROM (SELECT letter, place, letter ~ '[${UNSPACED_SQL}]' AS is_unspaced, lead(letter) OVER (ORDER BY place) AS next
                      FROM string_to_table(normalize($1, NFC), NULL) WITH ORDINALITY AS letters (letter, place)) known
            WINDOW places AS (ORDER BY place)) joined)
    ELSE normalize($1, NFC) END`;

function configuration(language: SearchLanguage): string {
  const name = `extensions.${CONFIGURATION(language)}`;
  const stems = language === 'simple' ? 'simple' : `${language}_stem`;
  const ascii = ASCII_STEMS[language];
  return `CREATE TEXT SEARCH CONFIGURATION ${name} (COPY = pg_catalog.${language});
    ALTER TEXT SEARCH CONFIGURATION ${name} ALTER MAPPING FOR ${WORDS} WITH extensions.unaccent, pg_catalog.${stems}${
      ascii === undefined
        ? ''
        : `;
    ALTER TEXT SEARCH CONFIGURATION ${name} ALTER MAPPING FOR asciiword, hword_asciipart, asciihword WITH pg_catalog.${ascii}`
    }`;
}

/** Languages of another script, in whose texts words of Latin letters are English. */
const ASCII_STEMS: Partial<Record<SearchLanguage, string>> = { hindi: 'english_stem', russian: 'english_stem' };

async function install(owner: pg.Client, extension: string, cluster: string): Promise<void> {
  try {
    await owner.query(`CREATE EXTENSION IF NOT EXISTS ${extension} SCHEMA extensions`);
  } catch (error) {
    throw new OperatorError(
      `The extension ${extension} cannot be installed in the database of cluster ${cluster}: ${(error as Error).message}.\n` +
        'It comes with PostgreSQL (the package is often called postgresql-contrib), and the owner of the database may install it.',
    );
  }
  const { rows } = await owner.query<{ schema: string }>(
    'SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = $1',
    [extension],
  );
  if (rows[0]?.schema !== 'extensions') {
    throw new OperatorError(
      `The extension ${extension} of cluster ${cluster} is in the schema ${rows[0]?.schema}. Move it, as its owner:\n` +
        `  ALTER EXTENSION ${extension} SET SCHEMA extensions;`,
    );
  }
}
