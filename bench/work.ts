import { cpuMilliseconds } from './backends.ts';
import { CREATED_TITLE, ensureBacklog, type Backlog } from './backlog.ts';
import { CONNECTIONS, HOMES, openEngine } from './engine.ts';
import { ensureFleet, idOf } from './fleet.ts';
import { HttpClient, type Ask } from './http-client.ts';
import { closedLoop, interleave, median, percentile, type Load } from './load.ts';
import { startPlainWork, startProduct, type Process } from './processes.ts';
import { showMeasure, type Measure } from './report.ts';
import { withBenchServer } from './server.ts';
import { signIn } from './tokens.ts';

export interface WorkOptions {
  inFlight: number;
  rounds: number;
  seconds: number;
  data?: string;
}

/** A tenant may hold all connections of its home but one. */
const OF_ONE_TENANT = CONNECTIONS / HOMES - 1;
const PLAIN = `Fastify and pg with the same statements and ${OF_ONE_TENANT} connections: no tenant, token, permission, envelope or rule; writes are one statement with history and event`;

/** A process takes twice its time until its code is compiled for what it does, some 20,000 requests later; it will run for weeks. */
const UNCOUNTED_ROUNDS = 4;

type Side = Record<string, () => Ask>;

/**
 * The work on tasks in a tenant that has 100,000 of them: the product beside the least that could answer. Each measure is printed as
 * it comes; one that cannot be taken is named, and the others go on.
 */
export async function measureWork({ inFlight, rounds, seconds, data }: WorkOptions): Promise<Measure[]> {
  return withBenchServer({ data }, async (server) => {
    const engine = await openEngine(server);
    const [tenant] = await ensureFleet(engine, 1);
    const { schema } = tenant!.binding;
    const backlog = await ensureBacklog(engine.owner, tenant!);
    const product = await startProduct(server);
    const plain = await startPlainWork(server, OF_ONE_TENANT);
    const clients = { ours: new HttpClient(product.port), plain: new HttpClient(plain.port) };
    try {
      const headers = (await signIn(server, engine.owner, [tenant!])).get(schema)!;
      const ours = asked('/api/v1', backlog, (projectId, body) => ['/tasks', { projectId, ...body }], headers);
      const reporterId = idOf(schema, 'user');
      const theirs = asked(`/${schema}`, backlog, (id, body) => [`/projects/${id}/tasks`, { ...body, reporterId }]);
      const measures: Measure[] = [];
      for (const what of Object.keys(ours)) {
        const sides = {
          ours: loadOf(product, clients.ours, ours[what]!),
          plain: loadOf(plain, clients.plain, theirs[what]!),
        };
        try {
          await interleave(UNCOUNTED_ROUNDS, sides);
          const taken = compared(what, await interleave(rounds, sides));
          for (const measure of taken) showMeasure(measure);
          measures.push(...taken);
        } catch (error) {
          process.stderr.write(`${what}: ${String(error)}\n`);
        }
      }
      return measures;
    } finally {
      clients.ours.close();
      clients.plain.close();
      await product.stop();
      await plain.stop();
      await engine.close();
    }

    function loadOf({ pid }: Process, client: HttpClient, next: () => Ask) {
      return async () => {
        const before = await cpuMilliseconds(pid);
        const load = await closedLoop(inFlight, seconds * 1000, () => client.ask(next()));
        return { ...load, cpu: ((await cpuMilliseconds(pid)) - before) / load.times.length };
      };
    }
  });
}

/** What is asked, in the order of the table. */
function asked(
  base: string,
  { projectId, taskId, rootId }: Backlog,
  creation: (projectId: string, body: object) => [path: string, body: object],
  headers?: Record<string, string>,
): Side {
  const get = (path: string): Ask => ({ method: 'GET', path: base + path, headers });
  // So that a task never goes where it is: that would be no change.
  let turn = 0;
  return {
    'one task': () => get(`/tasks/${taskId()}`),
    '20 tasks of a project': () => get(`/projects/${projectId()}/tasks?limit=20`),
    board: () => get(`/projects/${projectId()}/board?limit=20`),
    'dependency graph of 300': () => get(`/tasks/${rootId}/dependency-graph`),
    // Words that are in all tasks, and a number that some begin with.
    search: () => get(`/search?q=task%20${1 + Math.floor(Math.random() * 99_999)}&limit=20`),
    'create a task': () => {
      const [path, body] = creation(projectId(), { title: CREATED_TITLE });
      return { method: 'POST', path: base + path, headers, body };
    },
    'change a status': () => {
      const status = ['todo', 'in_progress'][turn++ % 2];
      return { method: 'PUT', path: `${base}/tasks/${taskId()}/status`, headers, body: { status } };
    },
  };
}

function compared(what: string, loads: Record<string, (Load & { cpu: number })[]>): Measure[] {
  const failed = (side: string) => loads[side]!.reduce((sum, load) => sum + load.failed, 0);
  const failures = { ours: failed('ours'), plain: failed('plain') };
  const of = (figure: (load: Load & { cpu: number }) => number) => ({
    ours: median(loads['ours']!.map(figure)),
    plain: median(loads['plain']!.map(figure)),
    against: PLAIN,
  });
  return [
    { what: `${what}: answers`, unit: '1/s', more: true, ...of(({ rate }) => rate) },
    { what: `${what}: p50`, unit: 'ms', ...of(({ times }) => percentile(times, 0.5)) },
    { what: `${what}: p95`, unit: 'ms', ...of(({ times }) => percentile(times, 0.95)) },
    { what: `${what}: processor time of the server's process`, unit: 'ms', ...of(({ cpu }) => cpu) },
    ...(failures.ours + failures.plain > 0 ? [{ what: `${what}: failed`, unit: 'requests', ...failures }] : []),
  ];
}
