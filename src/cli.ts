#!/usr/bin/env node
import 'reflect-metadata';
import { CommanderError } from 'commander';
import { clusterMigrations } from '../migrations/cluster/index.ts';
import { registryMigrations } from '../migrations/registry/index.ts';
import { tenantMigrations } from '../migrations/tenant/index.ts';
import { currentAct } from './commands/acts.ts';
import { printFailure } from './commands/output.ts';
import { buildProgram } from './commands/program.ts';

const USAGE_ERROR = 2;
/** 128 and the number of SIGINT, as shells report it. */
const INTERRUPTED = 130;

const program = buildProgram({ tenant: tenantMigrations, registry: registryMigrations, cluster: clusterMigrations });

// The reader may leave early (`| head`): what was begun is finished all the same, and its exit code stays.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

// Some commands have a way of their own to stop; the others end at once, and say where to look.
process.prependListener('SIGINT', () => {
  if (currentAct() !== null)
    process.stderr.write(
      'Interrupted. What was begun may be half done: projectflow tenant doctor says what is left and how to finish it.\n',
    );
  if (process.listenerCount('SIGINT') === 1) process.exit(INTERRUPTED);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : USAGE_ERROR;
  else {
    printFailure(error, program.opts<{ json?: boolean }>().json === true);
    // A start that failed half-way may hold connections open; what was printed goes out first.
    process.stdout.write('', () => process.exit(1));
  }
}
