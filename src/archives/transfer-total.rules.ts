interface TableProgress {
  name: string;
  rows: number;
  expectedRows: number | null;
}

/** Adds up what is told of one table after the other. */
export function inTotal(report: (done: number, total: number) => void): (progress: TableProgress) => void {
  const tables = new Map<string, TableProgress>();
  return (progress) => {
    tables.set(progress.name, progress);
    let done = 0;
    let total = 0;
    for (const { rows, expectedRows } of tables.values()) {
      done += rows;
      total += Math.max(rows, expectedRows ?? 0);
    }
    report(done, total);
  };
}
