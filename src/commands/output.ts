import type { Command } from 'commander';
import { showsStacks } from '../platform/config/config.ts';
import { AppError, OperatorError } from '../platform/errors/app-error.ts';
import { operatorMessage } from '../platform/errors/operator-message.ts';

/** Whether one JSON document is wanted, and nothing else on standard output. */
export function isJson(program: Command): boolean {
  return program.opts<{ json?: boolean }>().json === true;
}

/** Prints a command's result: the JSON document, or lines for people. */
export function print(result: unknown, lines: string | string[], json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else process.stdout.write(`${[lines].flat().join('\n')}\n`);
}

/** A sentence with the way out; where an unexpected error came from is shown with LOG_LEVEL=debug. */
export function printFailure(error: unknown, json: boolean): void {
  const details = error instanceof AppError ? error.details : [];
  const message = operatorMessage(error);
  if (json) {
    const code = error instanceof AppError || error instanceof OperatorError ? error.code : 'failed';
    process.stdout.write(`${JSON.stringify({ error: { code, message, details } }, null, 2)}\n`);
  }
  process.stderr.write(`${operatorMessage(error, showsStacks())}\n`);
}

/** Columns as wide as their widest cell. */
export function table(header: string[], rows: string[][]): string[] {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  return [header, ...rows].map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}
