import pg from 'pg';

const DATE_OID = 1082;

/**
 * How values come out of the driver. A `date` stays the text `YYYY-MM-DD`: the driver's own parser makes it midnight
 * in the process's time zone, which is the day before in half of the world.
 */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: string): unknown =>
    oid === DATE_OID && format !== 'binary'
      ? (value: string) => value
      : (pg.types.getTypeParser(oid, format as 'text') as unknown),
};
