import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signIn, signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
});
afterAll(() => app.stop());

const sessionsOf = async (person: Person) => expectStatus(await person.get('/auth/sessions'), 200).data as any[];

describe('somebody’s sessions', () => {
  it('are listed for themselves, the one in use marked, and ended one by one', async () => {
    const laptop = await acme.join('Mia', 'member');
    const phone = await signIn(acme.visitor, laptop.email);
    const listed = await sessionsOf(laptop);
    expect(listed.filter((session) => session.current)).toHaveLength(1);
    const other = listed.find((session) => !session.current);
    expect((await sessionsOf(phone)).find((session) => session.current).id).toBe(other.id);
    expectStatus(await laptop.delete(`/auth/sessions/${other.id}`), 204);
    await eventually(async () => expectStatus(await phone.get('/users/me'), 401));
    const { refreshToken } = phone;
    expect((await acme.visitor.post('/auth/refresh', { refreshToken })).error?.code).toBe('invalid_refresh_token');
    expect((await sessionsOf(laptop)).map((session) => session.id)).not.toContain(other.id);
    expectStatus(await laptop.get('/users/me'), 200);
  });

  it('are nobody else’s to read or to end', async () => {
    const [tom, una] = [await acme.join('Tom', 'member'), await acme.join('Una', 'admin')];
    const [session] = await sessionsOf(tom);
    expect((await una.get(`/auth/sessions/${session.id}`)).error?.code).toBe('session_not_found');
    expect((await una.delete(`/auth/sessions/${session.id}`)).error?.code).toBe('session_not_found');
    expectStatus(await tom.get('/users/me'), 200);
  });

  it('end all at once, the one in use too', async () => {
    const desk = await acme.join('Ben', 'member');
    const tablet = await signIn(acme.visitor, desk.email);
    expectStatus(await desk.post('/auth/logout-all'), 204);
    for (const each of [desk, tablet]) {
      await eventually(async () => expectStatus(await each.get('/users/me'), 401));
      expectStatus(await acme.visitor.post('/auth/refresh', { refreshToken: each.refreshToken }), 401);
    }
  });
});
