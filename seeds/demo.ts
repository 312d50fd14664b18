import { DEMO_TENANTS, type DemoPerson, type DemoTenant } from './demo-content.ts';
import { withServer, type Api } from './demo-server.ts';

/** Long enough, and the same for everybody: these are no secrets. */
const PASSWORD = 'a tour of the harbour';
const DAY_MS = 86_400_000;
/** For the mail of a sign-up, four in a second. */
const MOST_LOOKS = 60;
const PRIORITIES = ['low', 'medium', 'medium', 'high', 'urgent'];
/** The way of a task through the workflow; each gets some of it. */
const WAYS: string[][] = [
  [],
  [],
  ['in_progress'],
  ['in_progress', 'in_review'],
  ['in_progress', 'in_review', 'done'],
  ['in_progress', 'done'],
  ['cancelled'],
];
const COMMENTS = [
  'Waiting for an answer until Thursday.',
  'Done on my side, please have a look.',
  'This took longer than planned: **parts were late**.',
  'Can we talk about this tomorrow?',
];

interface SignedInPerson extends DemoPerson {
  id: string;
  email: string;
  token: string;
}

/** Fills two organisations through the public API, as their people would, and prints how to sign in. */
async function main(): Promise<void> {
  await withServer(async (api) => {
    for (const tenant of DEMO_TENANTS) await fill(api, tenant);
    print(api.url);
  });
}

async function fill(api: Api, tenant: DemoTenant): Promise<void> {
  const [ownerSeed, ...others] = tenant.people;
  const owner = await signUp(api, tenant, ownerSeed!);
  if (!owner) {
    process.stdout.write(`${tenant.name} is there already.\n`);
    return;
  }
  await prove(api, owner);
  const people = [owner];
  for (const person of others) people.push(await addPerson(api, tenant, owner, person));
  let tasks = 0;
  for (const project of tenant.projects) tasks += await fillProject(api, tenant, people, project);
  process.stdout.write(
    `${tenant.name}: ${people.length} people, ${tenant.projects.length} projects, ${tasks} tasks.\n`,
  );
}

async function signUp(api: Api, { name, slug }: DemoTenant, person: DemoPerson): Promise<SignedInPerson | null> {
  const { available } = await api.get(`/tenants/availability?slug=${slug}`);
  if (!available) return null;
  const { firstName, lastName } = person;
  const email = emailOf(person, slug);
  const { user, accessToken } = await api.post('/tenants', {
    name,
    slug,
    admin: { email, password: PASSWORD, firstName, lastName },
  });
  return { ...person, id: user.id, email, token: accessToken };
}

/** Only whoever has proved their address may invite others, and an organisation without one is removed after a while. */
async function prove(api: Api, { email }: SignedInPerson): Promise<void> {
  for (let i = 0; i < MOST_LOOKS; i += 1) {
    const mail = await api.mailTo(email);
    if (mail === null) return;
    const [, token] = /#token=(\S+)/.exec(mail) ?? [];
    if (token) return api.post('/auth/email/verify', { token });
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function addPerson(
  api: Api,
  { slug }: DemoTenant,
  owner: SignedInPerson,
  person: DemoPerson,
): Promise<SignedInPerson> {
  const { firstName, lastName, role } = person;
  const email = emailOf(person, slug);
  await api.post('/users', { email, firstName, lastName, password: PASSWORD, roles: [role] }, owner.token);
  const { user, accessToken } = await api.post('/auth/login', { email, password: PASSWORD }, undefined, {
    'x-tenant-domain': slug,
  });
  return { ...person, id: user.id, email, token: accessToken };
}

async function fillProject(
  api: Api,
  tenant: DemoTenant,
  people: SignedInPerson[],
  seed: DemoTenant['projects'][number],
): Promise<number> {
  const manager = people.find((person) => person.role === 'manager')!;
  const crew = people.filter((person) => person.role === 'member' || person.role === 'viewer');
  const project = await api.post(
    '/projects',
    {
      name: seed.name,
      description: seed.description,
      budget: { amount: seed.budget, currency: 'EUR' },
      startDate: day(-40),
      endDate: day(80),
    },
    manager.token,
  );
  for (const person of crew) {
    await api.post(
      `/projects/${project.id}/members`,
      { userId: person.id, role: person.role === 'viewer' ? 'viewer' : 'member' },
      manager.token,
    );
  }
  const workers = [manager, ...crew.filter((person) => person.role === 'member')];
  for (const { id: userId } of workers) {
    const plan = { userId, percent: 40, from: day(-40), to: day(80) };
    await api.post(`/projects/${project.id}/resources`, plan, manager.token);
  }
  const steps = await planSteps(api, project.id, manager, seed);
  const tasks = steps.map((step, number) => ({ ...step, ...taskFields(number, workers) }));
  const operations = tasks.map((task) => ({ action: 'create', task: { ...task, projectId: project.id } }));
  const { results } = await api.post('/tasks/bulk', { operations }, manager.token);
  for (const [number, { id }] of results.entries()) {
    // One step of a part waits for the one before it, so that the timeline has something to compute.
    if (number % seed.work.length > 0)
      await api.post(`/tasks/${id}/dependencies`, { dependsOnTaskId: results[number - 1].id }, manager.token);
    await live(api, id, number, workers);
  }
  return results.length;
}

interface Step {
  title: string;
  tags: string[];
  milestoneId: string;
}

/** Each part is a milestone, and all that is done to it are its tasks. */
async function planSteps(
  api: Api,
  projectId: string,
  manager: SignedInPerson,
  { parts, work }: DemoTenant['projects'][number],
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const [i, part] of parts.entries()) {
    const milestone = { name: `Ready: ${part}`, dueDate: day(20 + i * 10) };
    const { id } = await api.post(`/projects/${projectId}/milestones`, milestone, manager.token);
    for (const each of work)
      steps.push({ title: `${each} ${part}`, tags: [part.replaceAll(' ', '-')], milestoneId: id });
  }
  return steps;
}

/** `number` stands in for chance, so that every demo is the same. */
function taskFields(number: number, workers: SignedInPerson[]): object {
  const worker = workers[number % (workers.length + 1)];
  return {
    priority: PRIORITIES[number % PRIORITIES.length],
    ...(worker ? { assigneeId: worker.id } : {}),
    estimatedHours: 1 + (number % 16) / 2,
    dueDate: day(((number * 7) % 90) - 25),
  };
}

/** What happens to a task: it is moved, worked on and talked about. */
async function live(api: Api, id: string, number: number, workers: SignedInPerson[]): Promise<void> {
  const actor = workers[number % (workers.length + 1)] ?? workers[0]!;
  for (const status of WAYS[number % WAYS.length]!) await api.put(`/tasks/${id}/status`, { status }, actor.token);
  if (number % 3 === 0) {
    const worked = { date: day(-1 - (number % 20)), minutes: 30 * (1 + (number % 8)), billable: number % 2 === 0 };
    await api.post(`/tasks/${id}/time-entries`, worked, actor.token);
  }
  if (number % 5 === 0)
    await api.post(`/tasks/${id}/comments`, { body: COMMENTS[number % COMMENTS.length] }, actor.token);
}

function day(offset: number): string {
  return new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
}

function emailOf({ firstName }: DemoPerson, slug: string): string {
  const plain = firstName.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return `${plain}@${slug}.test`;
}

function print(url: string): void {
  const rows = DEMO_TENANTS.flatMap(({ slug, people }) =>
    people.map((person) => `  ${slug.padEnd(10)} ${person.role.padEnd(8)} ${emailOf(person, slug)}`),
  );
  process.stdout.write(`
Everybody's password: ${PASSWORD}

  TENANT     ROLE     E-MAIL
${rows.join('\n')}

Sign in:

  curl -s ${url}/api/v1/auth/login -H 'X-Tenant-Domain: northwind' -H 'content-type: application/json' \\
    -d '{"email":"ingrid@northwind.test","password":"${PASSWORD}"}'

`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
