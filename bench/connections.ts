import { backendsOf, residentMegabytes } from './backends.ts';
import { openEngine } from './engine.ts';
import { ensureFleet } from './fleet.ts';
import { HttpConnection } from './http-client.ts';
import { inParallel, openLoop, percentile } from './load.ts';
import { startProduct } from './processes.ts';
import { progress } from './progress.ts';
import type { Measure } from './report.ts';
import { withBenchServer } from './server.ts';
import { taskOf } from './sides.ts';
import { signIn } from './tokens.ts';

export interface ConnectionsOptions {
  tenants: number;
  /** Requests a second. */
  rate: number;
  seconds: number;
  data?: string;
}

/** Every tenant keeps a connection open and now and then asks for a task; what that takes of the process and the server. */
export async function measureConnections({ tenants, rate, seconds, data }: ConnectionsOptions): Promise<Measure[]> {
  return withBenchServer({ data }, async (server) => {
    const engine = await openEngine(server);
    const fleet = await ensureFleet(engine, tenants);
    const product = await startProduct(server);
    const open: HttpConnection[] = [];
    try {
      const headers = await signIn(server, engine.owner, fleet);
      const fresh = await residentMegabytes(product.pid);
      const bar = progress('first request of each tenant', fleet.length);
      await inParallel([...fleet.keys()], 8, async (i) => {
        open[i] = await HttpConnection.open(product.port);
        await ask(i);
        bar.step();
      });
      bar.end();
      const all = await residentMegabytes(product.pid);
      const load = await openLoop(rate, seconds * 1000, async () => {
        let i = Math.floor(Math.random() * fleet.length);
        while (open[i]!.isBusy) i = (i + 1) % fleet.length;
        await ask(i);
      });
      const backends = await backendsOf(engine.owner, 'projectflow home');
      return [
        { what: 'from the start of the process to its first answer', unit: 'ms', ours: product.startMs },
        { what: 'resident memory after the start', unit: 'MB', ours: fresh },
        { what: `resident memory with ${fleet.length} connections, each tenant served once`, unit: 'MB', ours: all },
        { what: 'resident memory after the load', unit: 'MB', ours: await residentMegabytes(product.pid) },
        {
          what: `${rate} tasks a second over ${fleet.length} open connections: median`,
          unit: 'ms',
          ours: percentile(load.times, 0.5),
        },
        {
          what: `${rate} tasks a second over ${fleet.length} open connections: p95`,
          unit: 'ms',
          ours: percentile(load.times, 0.95),
        },
        { what: 'requests that failed', unit: 'count', ours: load.failed },
        { what: 'connections for tenant work', unit: 'count', ours: backends.count },
        { what: 'memory of their backends', unit: 'MB', ours: backends.megabytes },
      ];

      async function ask(i: number): Promise<void> {
        const tenant = fleet[i]!;
        const status = await open[i]!.get(`/api/v1/tasks/${taskOf(tenant)}`, headers.get(tenant.binding.schema));
        if (status !== 200) throw new Error(`answered ${status}`);
      }
    } finally {
      for (const connection of open) connection?.close();
      await product.stop();
      await engine.close();
    }
  });
}
