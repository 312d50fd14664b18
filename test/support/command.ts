import { buildProgram } from '../../src/commands/program.ts';
import { runCommandsOn } from '../../src/commands/with-app.ts';
import type { TestApp } from './app.ts';

/**
 * A command within this process, on the application that runs: a tenth of what another process costs (projectflow.ts). One at
 * a time.
 */
export async function command(app: TestApp, ...words: string[]): Promise<{ stdout: string; error: Error | null }> {
  const written: string[] = [];
  const { write } = process.stdout;
  process.stdout.write = (text: string) => written.push(text) > 0;
  runCommandsOn(app.nest);
  try {
    await buildProgram().parseAsync(['node', 'projectflow', ...words]);
    return { stdout: written.join(''), error: null };
  } catch (error) {
    return { stdout: written.join(''), error: error as Error };
  } finally {
    process.stdout.write = write;
    runCommandsOn(null);
    // Of a run over many, which carries on; the test looks at what was printed.
    process.exitCode = undefined;
  }
}
