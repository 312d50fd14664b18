import { Option, type Command } from 'commander';
import { SIGNING_ALGORITHMS, type KeySummary, type SigningAlgorithm } from '../signing-keys/signing-keys.types.ts';
import { SigningKeysService } from '../signing-keys/signing-keys.service.ts';
import { isJson, print, table } from './output.ts';
import { withApp } from './with-app.ts';

/** The keys that access tokens are signed with. */
export function registerKeyCommands(program: Command): void {
  const key = program.command('key').description('the keys that access tokens are signed with');

  key
    .command('list')
    .description('list them: next is published already, current signs, tokens of previous are still accepted')
    .action(async () => {
      const keys = await withApp((app) => app.get(SigningKeysService).list());
      print(keys, lines(keys), isJson(program));
    });

  key
    .command('rotate')
    .description('next becomes current, current becomes previous, previous ends; a new next one is made')
    .addOption(
      new Option(
        '--algorithm <name>',
        'of the new next key, which signs after the rotation after this one; as the one before when not given',
      ).choices([...SIGNING_ALGORITHMS]),
    )
    .option('--force', 'although tokens of the previous key may be alive: their bearers have to sign in again')
    .action(async (options: { algorithm?: SigningAlgorithm; force?: boolean }) => {
      const keys = await withApp((app) => app.get(SigningKeysService).rotate(options));
      print(keys, lines(keys), isJson(program));
    });
}

function lines(keys: KeySummary[]): string[] {
  const rows = keys.map(({ kid, algorithm, state, since }) => [kid, algorithm, state, since.toISOString()]);
  return table(['KEY', 'ALGORITHM', 'STATE', 'SINCE'], rows);
}
