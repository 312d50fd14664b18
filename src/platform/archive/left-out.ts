import { OperatorError } from '../errors/app-error.ts';
import type { LeftOut } from './archive-format.ts';
import type { Place, TableShape } from './schema-shape.ts';

/** By table: all of its rows, those that meet a condition in SQL, or the values of some columns. */
export type LeaveOut = Record<string, true | { where: string } | string[]>;

/**
 * What to leave out, when the rest can be loaded without it.
 *
 * @throws OperatorError for what is not there, for columns that may not be NULL, and for rows that others refer to
 */
export async function planLeftOut(place: Place, tables: TableShape[], leaveOut: LeaveOut): Promise<LeftOut> {
  const plan: LeftOut = { tables: [], rows: {}, columns: {} };
  for (const [name, what] of Object.entries(leaveOut)) {
    const table = tables.find((each) => each.name === name);
    if (!table) throw new OperatorError(`There is no table ${JSON.stringify(name)} to leave out.`);
    if (what === true) plan.tables.push(name);
    else if (Array.isArray(what)) plan.columns[name] = what;
    else plan.rows[name] = what.where;
    const unknown = Array.isArray(what) ? what.find((column) => !table.columns.includes(column)) : undefined;
    if (unknown !== undefined)
      throw new OperatorError(`Table ${JSON.stringify(name)} has no column ${JSON.stringify(unknown)} to leave out.`);
  }
  await refuseRequired(place, plan);
  await refuseReferredTo(place, plan);
  return plan;
}

async function refuseRequired({ client, schema }: Place, { columns }: LeftOut): Promise<void> {
  const [tables, names] = [Object.keys(columns), Object.values(columns)];
  const pairs = tables.flatMap((table, i) => names[i]!.map((column) => [table, column] as const));
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%s.%s', relname, attname) AS name
       FROM unnest($2::text[], $3::text[]) AS wanted (relation, attribute)
       JOIN pg_class ON relname = relation AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
       JOIN pg_attribute ON attrelid = pg_class.oid AND attname = attribute AND attnotnull`,
    [schema, pairs.map(([table]) => table), pairs.map(([, column]) => column)],
  );
  if (rows[0])
    throw new OperatorError(
      `Column ${rows[0].name} cannot be left out: it may not be NULL. Leave out its table instead.`,
    );
}

/** A key that holds a NULL refers to nothing (MATCH SIMPLE, as all of ours do). */
async function refuseReferredTo({ client, schema }: Place, plan: LeftOut): Promise<void> {
  const { rows } = await client.query<{ table: string; columns: string[]; target: string }>(
    `SELECT referrer.relname AS table, referred.relname AS target,
            array(SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey)) AS columns
       FROM pg_constraint JOIN pg_class referrer ON referrer.oid = conrelid JOIN pg_class referred ON referred.oid = confrelid
      WHERE contype = 'f' AND referrer.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND referred.relname = ANY ($2)`,
    [schema, [...plan.tables, ...Object.keys(plan.rows)]],
  );
  const broken = rows.find(
    ({ table, columns }) =>
      !plan.tables.includes(table) && !columns.some((column) => plan.columns[table]?.includes(column)),
  );
  if (broken) {
    throw new OperatorError(
      `Table ${broken.target} cannot be left out: rows of ${broken.table} refer to it by ${broken.columns.join(', ')}. Leave these out too.`,
    );
  }
}
