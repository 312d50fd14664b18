import type pg from 'pg';

/** A role by what it is to the schema: its name tells the installation, the tenant or the home. */
const role = (oid: string): string => `CASE
  WHEN ${oid} = 0 THEN 'everybody'
  WHEN ${oid} = owner THEN '@owner'
  WHEN right(pg_get_userbyid(${oid}), length(schema) + 1) = '_' || schema THEN '@role'
  ELSE regexp_replace(pg_get_userbyid(${oid}), '^.*_home_\\d+$', '@home') END`;

const RELATION_KIND = `CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
  WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type' ELSE 'index' END`;

/**
 * $1: names of schemas. `relations` and `routines` are looked up once: the catalogue has no index by schema, so that each
 * further look would read all of pg_class or pg_proc again.
 */
const OBJECTS = `
  schemas AS MATERIALIZED (
    SELECT oid, nspname::text AS schema, nspowner AS owner, nspacl FROM pg_namespace WHERE nspname = ANY ($1)),
  relations AS MATERIALIZED (
    SELECT c.oid, schema, owner, relname::text AS relation, relkind, relowner, relacl, reloptions, relpersistence, relreplident,
           relrowsecurity, relforcerowsecurity, relispartition, relpartbound
      FROM pg_class c JOIN schemas ON schemas.oid = relnamespace),
  routines AS MATERIALIZED (
    SELECT p.oid, schema, owner, format('%s(%s)', proname, pg_get_function_identity_arguments(p.oid)) AS routine, prokind, proowner, proacl
      FROM pg_proc p JOIN schemas ON schemas.oid = pronamespace),
  types AS MATERIALIZED (
    SELECT t.oid, schema, typname::text AS type, typtype, typbasetype, typtypmod, typnotnull, typdefault
      FROM pg_type t JOIN schemas ON schemas.oid = typnamespace WHERE typtype IN ('e', 'd', 'r')),
  granted (schema, owner, thing, acl) AS (
    SELECT schema, owner, 'schema', coalesce(nspacl, acldefault('n', owner)) FROM schemas
     UNION ALL
    SELECT schema, owner, format('whatever %s makes of kind %s', ${role('defaclrole')}, defaclobjtype), defaclacl
      FROM pg_default_acl JOIN schemas ON schemas.oid = defaclnamespace
     UNION ALL
    SELECT schema, owner, relation, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
      FROM relations WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
     UNION ALL
    SELECT schema, owner, format('%s.%s', relation, attname), attacl
      FROM relations JOIN pg_attribute ON attrelid = relations.oid AND attnum > 0 AND NOT attisdropped AND attacl IS NOT NULL
     UNION ALL
    SELECT schema, owner, routine, coalesce(proacl, acldefault('f', proowner)) FROM routines)`;

/** Each gives (schema, line). Not-null constraints are told by their columns: their names depend on the server's version. */
const LINES = [
  `SELECT schema, format('grant on %s to %s: %s', thing, grantee, string_agg(privilege, ', ' ORDER BY privilege))
     FROM (SELECT schema, thing, ${role('g.grantee')} AS grantee,
                  privilege_type || CASE WHEN is_grantable THEN ' with grant option' ELSE '' END AS privilege
             FROM granted CROSS JOIN LATERAL aclexplode(acl) g) each
    GROUP BY schema, thing, grantee`,
  `SELECT schema, format('%s %s: owner %s, persistence %s, replica identity %s, row security %s, forced %s, options %s, partition %s',
          ${RELATION_KIND}, relation, ${role('relowner')}, relpersistence, relreplident, relrowsecurity, relforcerowsecurity,
          reloptions, CASE WHEN relispartition THEN pg_get_expr(relpartbound, oid) END)
     FROM relations`,
  `SELECT schema, format('column %s.%s: number %s, %s, not null %s, default %s, generated %s, identity %s, collation %s', relation, attname,
          row_number() OVER (PARTITION BY attrelid ORDER BY attnum), format_type(atttypid, atttypmod), attnotnull,
          pg_get_expr(adbin, adrelid), attgenerated, attidentity, nullif(attcollation, 0)::regcollation)
     FROM relations JOIN pg_attribute ON attrelid = relations.oid AND attnum > 0 AND NOT attisdropped
     LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relkind NOT IN ('i', 'I', 'S')`,
  `SELECT schema, format('constraint %s on %s: %s, valid %s', conname, relation, pg_get_constraintdef(k.oid), convalidated)
     FROM relations JOIN pg_constraint k ON conrelid = relations.oid AND contype <> 'n'`,
  `SELECT schema, format('index on %s: %s, valid %s, ready %s, clustered %s, replica identity %s',
          relation, pg_get_indexdef(indexrelid), indisvalid, indisready, indisclustered, indisreplident)
     FROM relations JOIN pg_index ON indrelid = relations.oid WHERE relkind IN ('r', 'p', 'm')`,
  `SELECT schema, format('sequence %s: %s from %s by %s, %s to %s, cache %s, cycles %s, of %s', relation, seqtypid::regtype,
          seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle, (
            SELECT format('%s.%s', refobjid::regclass, attname) FROM pg_depend JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
             WHERE classid = 'pg_class'::regclass AND objid = seqrelid AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i')))
     FROM relations JOIN pg_sequence ON seqrelid = relations.oid`,
  `SELECT schema, format('view %s: %s', relation, pg_get_viewdef(oid)) FROM relations WHERE relkind IN ('v', 'm')`,
  `SELECT schema, format('rule on %s: %s', relation, pg_get_ruledef(w.oid))
     FROM relations JOIN pg_rewrite w ON ev_class = relations.oid AND rulename <> '_RETURN'`,
  `SELECT schema, format('trigger on %s: %s, enabled %s', relation, pg_get_triggerdef(t.oid), tgenabled)
     FROM relations JOIN pg_trigger t ON tgrelid = relations.oid AND NOT tgisinternal`,
  `SELECT schema, format('policy %s on %s: command %s, permissive %s, to %s, using %s, check %s', polname, relation, polcmd, polpermissive,
          (SELECT string_agg(name, ', ' ORDER BY name) FROM (SELECT ${role('member')} FROM unnest(polroles) member) n (name)),
          pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
     FROM relations JOIN pg_policy ON polrelid = relations.oid`,
  `SELECT schema, format('statistics on %s: %s', relation, pg_get_statisticsobjdef(x.oid))
     FROM relations JOIN pg_statistic_ext x ON stxrelid = relations.oid`,
  `SELECT schema, format('comment on %s: %s', concat_ws('.', relation, attname), description)
     FROM relations JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = relations.oid
     LEFT JOIN pg_attribute ON attrelid = d.objoid AND attnum = d.objsubid AND attnum > 0`,
  // An aggregate has no definition as text: its name, arguments and function of transition have to do.
  `SELECT schema, format('function %s: owner %s, %s', routine, ${role('proowner')},
          CASE prokind WHEN 'a' THEN (SELECT aggtransfn::text FROM pg_aggregate WHERE aggfnoid = routines.oid) ELSE pg_get_functiondef(oid) END)
     FROM routines`,
  `SELECT schema, format('type %s: %s, not null %s, default %s, values %s, checks %s, range of %s', type,
          CASE typtype WHEN 'd' THEN format_type(typbasetype, typtypmod) ELSE typtype::text END, typnotnull, typdefault,
          (SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = types.oid),
          (SELECT string_agg(pg_get_constraintdef(k.oid), ', ' ORDER BY conname) FROM pg_constraint k WHERE contypid = types.oid),
          (SELECT rngsubtype::regtype FROM pg_range WHERE rngtypid = types.oid))
     FROM types`,
];

/** Whether `extensions` is left out before a name depends on the connection's search_path. */
const DESCRIBED = `WITH ${OBJECTS}, described (schema, line) AS (
  SELECT schema, replace(replace(line, schema, '@tenant'), 'extensions.', '') FROM (${LINES.join('\nUNION ALL\n')}) each (schema, line))`;

/**
 * A hash of what migrations and provisioning make, for each of the schemas: tables, columns, types, defaults, constraints,
 * indexes, sequences, views, rules, functions, triggers, row security, comments, owners and privileges. Of data, and of
 * names that only this schema and its role have, it knows nothing. Equal for schemas that were made alike on one major
 * version of PostgreSQL; between versions it may differ.
 *
 * Schemas that do not exist are missing in the answer. One query: some hundred schemas at a time are a good measure. A
 * backend remembers every object that it described, about 0.2 MB a schema: close the connection after a thousand or so.
 */
export async function fingerprints(client: pg.ClientBase, schemas: string[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{ schema: string; hash: string }>(
    `${DESCRIBED}
     SELECT schema, encode(sha256(convert_to(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), 'UTF8')), 'hex') AS hash
       FROM described GROUP BY schema`,
    [schemas],
  );
  return new Map(rows.map(({ schema, hash }) => [schema, hash]));
}

/** The lines that the hash is made of, sorted, for a diff of two schemas; none when there is no such schema. */
export async function describeSchema(client: pg.ClientBase, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `${DESCRIBED} SELECT line FROM described ORDER BY line COLLATE "C"`,
    [[schema]],
  );
  return rows.map(({ line }) => line);
}
