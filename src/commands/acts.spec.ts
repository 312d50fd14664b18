import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { ACTS, currentAct, SECRET_OPTIONS, wordsOf } from './acts.ts';
import { buildProgram } from './program.ts';

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

const commands = leaves(buildProgram());

/** Only what is noted of a command, and nothing of its work. */
async function actOf(...words: string[]) {
  const program = buildProgram();
  for (const command of leaves(program)) command.action(() => undefined);
  await program.parseAsync(['node', 'projectflow', ...words]);
  return currentAct();
}

describe('every command', () => {
  it('is declared as one that reads or one that is put on record, and nothing else is', () => {
    expect(commands.map(wordsOf).sort()).toEqual(Object.keys(ACTS).sort());
    expect(commands.length).toBeGreaterThan(40);
  });

  it('keeps what is secret out of the record', () => {
    const options = commands.flatMap((command) => command.options.map((option) => option.attributeName()));
    const secret = options.filter((name) => /password$|url$|secret$|token$|key$/i.test(name));
    expect(secret).toContain('url');
    expect(secret.filter((name) => !SECRET_OPTIONS.has(name))).toEqual([]);
  });
});

describe('what is noted of a command', () => {
  it('says what, to whom, with what, and who ran it where', async () => {
    const act = await actOf('tenant', 'plan', 'acme', 'pro', '--limit', 'users=50');
    expect(act).toMatchObject({
      action: 'tenant.subscribe',
      target: 'acme',
      details: { command: 'tenant plan', limit: { users: 50 }, arguments: ['pro'] },
      ranBy: { user: expect.stringMatching(/./), host: expect.stringMatching(/./) },
    });
  });

  it('holds no password and no address', async () => {
    const made = await actOf(
      'tenant',
      'create',
      '--slug',
      'a',
      '--name',
      'A',
      '--email',
      'a@a.test',
      '--password',
      'hush',
    );
    expect(made).toMatchObject({ target: 'a', details: { email: 'a@a.test' } });
    const added = await actOf(
      'cluster',
      'add',
      'eu',
      '--url',
      'postgres://o:hush@h/d',
      '--replica-url',
      'postgres://hush',
    );
    expect(JSON.stringify([made, added])).not.toContain('hush');
  });

  it.each([
    ['tenant', 'list'],
    ['tenant', 'move', 'acme'],
    ['tenant', 'doctor'],
    ['tenant', 'migrate', '--dry-run'],
  ])('is nothing where nothing is done: %s %s', async (...words) => {
    await actOf('tenant', 'suspend', 'acme');
    expect(await actOf(...words)).toBeNull();
  });

  it.each([
    ['fleet.mend', 'tenant', 'doctor', '--fix'],
    ['tenant.move', 'tenant', 'move', 'acme', '--undo'],
    ['fleet.migrate', 'migrate'],
  ])('is %s', async (action, ...words) => {
    expect(await actOf(...words)).toMatchObject({ action });
  });
});
