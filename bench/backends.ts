import { readFile } from 'node:fs/promises';
import type pg from 'pg';

const TICKS_PER_SECOND = 100;

/** Connections whose application's name begins so, and the memory in MB that their backends have for themselves. */
export async function backendsOf(owner: pg.Pool, application: string): Promise<{ count: number; megabytes: number }> {
  const { rows } = await owner.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND starts_with(application_name, $1)',
    [application],
  );
  const sizes = await Promise.all(rows.map(({ pid }) => privateMegabytes(pid)));
  return { count: rows.length, megabytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Without what is shared with other processes. Linux only; 0 elsewhere. */
async function privateMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

/** Resident in all, in MB. Linux only; 0 elsewhere. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

/** Processor time that a process has used so far, in milliseconds. Linux only; 0 elsewhere. */
export async function cpuMilliseconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) * (1000 / TICKS_PER_SECOND);
}
