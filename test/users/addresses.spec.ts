import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { domainToASCII } from 'node:url';
import { AddressCompletion } from '../../src/users/address-completion.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Answer } from '../support/client.ts';
import { PASSWORD, proveAddresses, signIn, signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp({ settings: { RATE_LIMIT_ENABLED: 'true', TRUST_PROXY: '1', RATE_LIMIT_ADDRESS: '10000' } });
  acme = await signUp(app);
  await proveAddresses(app, acme);
});
afterAll(() => app.stop());

const create = (email: string) =>
  acme.owner.post('/users', { email, firstName: 'Ingrid', lastName: 'Berg', password: PASSWORD });
const statuses = (answers: Answer[]) => answers.map(({ status }) => status);
const failed = (email: string, network: string) =>
  acme.visitor.with({ 'x-forwarded-for': network }).post('/auth/login', { email, password: 'not the password at all' });

async function inTurn<T>(all: T[], ask: (one: T) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const one of all) answers.push(await ask(one));
  return answers;
}

describe('an address', () => {
  it('is one whatever the case of its ASCII letters and the writing of its domain, and is shown as it was typed', async () => {
    const typed = `Ingrid@Bücher-${acme.slug}.example`;
    const { data } = expectStatus(await create(typed), 201);
    expect(data.email).toBe(typed);
    const spellings = [`ingrid@bücher-${acme.slug}.example`, `INGRID@BU\u0308CHER-${acme.slug.toUpperCase()}.EXAMPLE`];
    for (const email of spellings) {
      expect((await signIn(acme.visitor, email)).id).toBe(data.id);
      expect((await create(email)).error.code).toBe('email_taken');
      expect((await acme.owner.post('/invitations', { email })).error.code).toBe('email_taken');
      const found = await acme.owner.get(`/users?email=${encodeURIComponent(email)}`);
      expect(expectStatus(found, 200).data.map((user: any) => user.id)).toEqual([data.id]);
    }
  });

  it('is another one with a letter that only some programs take for the same', async () => {
    const local = `ingrid.${acme.slug}`;
    const { data } = expectStatus(await create(`${local}@northwind.test`), 201);
    for (const other of [local.replace('i', 'İ'), local.replace('i', 'ı'), local.replace('i', 'ｉ')]) {
      const email = `${other}@northwind.test`;
      expectStatus(await acme.visitor.post('/auth/login', { email, password: PASSWORD }), 401);
      const made = expectStatus(await create(email), 201).data;
      expect(made.id).not.toBe(data.id);
      expect((await signIn(acme.visitor, email)).id).toBe(made.id);
    }
  });

  it.each(['ingrid@exa\u200dmple.test', `ingrid@${'ü'.repeat(64)}.test`])(
    'is refused at the field when its domain cannot be written in ASCII: %j',
    async (email) => {
      const { error } = expectStatus(await create(email), 400);
      expect(error.details.map(({ pointer }) => pointer)).toContain('/email');
    },
  );

  it('has five wrong passwords, however it is spelled, whether anybody has it or not', async () => {
    const domain = `über-${acme.slug}.example`;
    expectStatus(await create(`liv@${domain}`), 201);
    for (const [who, network] of [
      ['liv', '198.51.100.7'],
      ['nobody', '198.51.100.8'],
    ] as const) {
      const spelled = [`${who}@${domain}`, `${who.toUpperCase()}@${domain}`, `${who}@${domain.toUpperCase()}`];
      const spellings = [...spelled, `${who}@${domain.replace('ü', 'u\u0308')}`, `${who}@${domainToASCII(domain)}`];
      const all = [...spellings, ...spellings].slice(0, 7);
      const answers = await inTurn(all, (email) => failed(email, network));
      const taken = statuses(answers).filter((status) => status === 401).length;
      expect([who, taken <= 6, statuses(answers).at(-1)]).toEqual([who, true, 429]);
    }
  });

  it('keeps its failures when it becomes another one', async () => {
    const person = await acme.join('Mona', 'member');
    await inTurn([1, 2, 3, 4, 5], (i) => failed(person.email, `203.0.113.${i}`));
    const email = `mona.other@${acme.slug}.test`;
    expectStatus(await acme.owner.patch(`/users/${person.id}`, { email }), 200);
    expect((await failed(email, '203.0.113.99')).error.code).toBe('too_many_attempts');
  });
});

it('that was stored before it had one spelling is completed, and the older of two keeps it', async () => {
  const { rows } = await app.owner.query(`SELECT schema_name AS name FROM public.tenants WHERE id = $1`, [acme.id]);
  const users = `"${rows[0].name}".users`;
  const typed = [`old@straße-${acme.slug}.example`, `OLD@STRASSE-${acme.slug}.example`.replace('SS', 'ß')];
  const [first, second] = [await acme.join('First', 'member'), await acme.join('Second', 'member')];
  const set = `UPDATE ${users} SET email = $2, canonical_email = NULL WHERE id = $1`;
  await app.owner.query(set, [first.id, typed[0]]);
  await app.owner.query(set, [second.id, typed[1]]);
  expectStatus(await acme.visitor.post('/auth/login', { email: typed[0], password: PASSWORD }), 401);
  await app.nest.get(AddressCompletion).completeAll();
  for (const email of typed) expect((await signIn(acme.visitor, email)).id).toBe(first.id);
  // Whose address an older account has is given another one.
  const email = `second.${acme.slug}@example.test`;
  expectStatus(await acme.owner.patch(`/users/${second.id}`, { email }), 200);
  expect((await signIn(acme.visitor, email)).id).toBe(second.id);
});

describe('a password', () => {
  it('is the same composed and decomposed', async () => {
    const composed = 'Grüße aus der Bäckerei';
    const { email } = expectStatus(
      await acme.owner.post('/users', {
        ...{ email: `nora@${acme.slug}.test`, firstName: 'Nora', lastName: 'Lind' },
        password: composed.normalize('NFD'),
      }),
      201,
    ).data;
    for (const password of [composed, composed.normalize('NFD'), composed.replace('G', 'Ｇ')])
      expectStatus(await acme.visitor.post('/auth/login', { email, password }), 200);
  });

  it('that was hashed as it was typed is taken, and hashed anew', async () => {
    const { argon2Sync } = await import('node:crypto');
    const typed = 'Grüße aus der Bäckerei'.normalize('NFD');
    const person = await acme.join('Olaf', 'member');
    const nonce = Buffer.alloc(16, 3);
    const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
    const plain = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
    const tag = argon2Sync('argon2id', { ...cost, message: typed, nonce });
    const old = `$argon2id$v=19$m=19456,t=2,p=1$${plain(nonce)}$${plain(tag)}`;
    const { rows } = await app.owner.query(`SELECT schema_name AS name FROM public.tenants WHERE id = $1`, [acme.id]);
    await app.owner.query(
      `UPDATE "${rows[0].name}".credentials SET secret = $1 WHERE user_id = $2 AND type = 'password'`,
      [old, person.id],
    );
    const login = (password: string) => acme.visitor.post('/auth/login', { email: person.email, password });
    expectStatus(await login(typed.normalize('NFC')), 401);
    expectStatus(await login(typed), 200);
    expectStatus(await login(typed.normalize('NFC')), 200);
  });
});
