import { mkdir, writeFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { barChart } from './chart.ts';

export interface Measure {
  what: string;
  unit: string;
  ours: number;
  /** The plain way, measured in the same run. */
  plain?: number;
  /** What the plain way is. */
  against?: string;
  /** More is better, such as a rate; else less is. */
  more?: boolean;
}

const RESULTS = new URL('../../bench/results/', import.meta.url);

/** Prints a table and writes the same as JSON and as a chart. */
export async function report(name: string, measures: Measure[]): Promise<void> {
  const rows = measures.map(({ what, unit, ours, plain, more }) => [
    `${what} (${unit})`,
    format(ours),
    plain === undefined ? '' : format(plain),
    plain === undefined ? '' : more ? ratio(plain, ours) : ratio(ours, plain),
  ]);
  const header = [name, 'ours', 'plain', 'better by'];
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('   ');
  process.stdout.write(
    `\n${[line(header), widths.map((width) => '-'.repeat(width)).join('   '), ...rows.map(line)].join('\n')}\n\n`,
  );
  const against = [...new Set(measures.map((measure) => measure.against).filter(Boolean))];
  if (against.length > 0) process.stdout.write(`plain: ${against.join('; ')}\n`);
  await mkdir(RESULTS, { recursive: true });
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    platform: `${platform()} ${arch()}`,
    node: process.version,
  };
  const file = new URL(`${name}.json`, RESULTS);
  await writeFile(file, `${JSON.stringify({ at: new Date().toISOString(), machine, measures }, null, 2)}\n`);
  const bars = measures.map(({ what, unit, ours, plain }) => ({ label: what, unit, ours, plain }));
  await writeFile(new URL(`${name}.svg`, RESULTS), barChart(name, bars));
  process.stdout.write(`written: bench/results/${name}.json and ${name}.svg\n`);
}

/** One line as soon as it was measured: what comes later may fail. */
export function showMeasure({ what, unit, ours, plain }: Measure): void {
  const beside = plain === undefined ? '' : `, plain ${format(plain)}`;
  process.stderr.write(`${what}: ${format(ours)}${beside} ${unit}\n`);
}

function format(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value >= 1 ? value.toFixed(1) : value.toPrecision(2);
}

function ratio(divisor: number, dividend: number): string {
  return divisor === 0 ? '' : `${format(dividend / divisor)} x`;
}
