import { Option, type Command } from 'commander';
import { Reseal } from '../fleet/reseal.service.ts';
import { SIGNING_ALGORITHMS, type KeySummary, type SigningAlgorithm } from '../signing-keys/signing-keys.types.ts';
import { SigningKeysService } from '../signing-keys/signing-keys.service.ts';
import { isJson, print, table } from './output.ts';
import { showProgress } from './progress.ts';
import { withApp } from './with-app.ts';

/** The keys that access tokens are signed with, and the one that secrets are sealed with. */
export function registerKeyCommands(program: Command): void {
  const key = program
    .command('key')
    .description('the keys that access tokens are signed with, and the one that secrets are sealed with');

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

  key
    .command('reseal')
    .description(
      'seal every stored secret anew with ENCRYPTION_KEY; what OLD_ENCRYPTION_KEY has sealed is opened with that',
    )
    .option('--except <slug...>', 'leave these out, because what they have is lost: nobody waits for them any more')
    .action(({ except }: { except?: string[] }) => reseal(except ?? [], isJson(program)));
}

async function reseal(except: string[], json: boolean): Promise<void> {
  const progress = showProgress('reseal');
  const outcome = await withApp((app) =>
    app.get(Reseal).run((done, total, slug) => progress.at(done, total, slug), except),
  ).finally(() => progress.end());
  const { resealed, unreadable, failed, leftOut } = outcome;
  const lines = [
    `${resealed} secrets were sealed anew.`,
    ...(unreadable > 0
      ? [`${unreadable} are opened by neither key, and stay as they are: copies from elsewhere.`]
      : []),
    ...leftOut.map(
      (slug) => `${slug} was left out: what it has is sealed with the key before, which opens it if it comes back.`,
    ),
    ...failed.map(({ slug, reason }) => `${slug} was not reached: ${reason}`),
    ...(failed.length > 0
      ? [`Whoever is lost for good is left out: --except ${failed.map(({ slug }) => slug).join(' ')}`]
      : []),
    failed.length === 0
      ? `${leftOut.length > 0 ? 'All others' : 'All of them'} are sealed with ENCRYPTION_KEY. Instances may be started without OLD_ENCRYPTION_KEY.`
      : 'Keep OLD_ENCRYPTION_KEY, and run this again when these can be reached.',
  ];
  print(outcome, lines, json);
  if (failed.length > 0) process.exitCode = 1;
}

function lines(keys: KeySummary[]): string[] {
  const rows = keys.map(({ kid, algorithm, state, since }) => [kid, algorithm, state, since.toISOString()]);
  return table(['KEY', 'ALGORITHM', 'STATE', 'SINCE'], rows);
}
