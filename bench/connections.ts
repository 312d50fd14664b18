import { backendsOf, residentMegabytes } from './backends.ts';
import { openEngine } from './engine.ts';
import { ensureFleet, type FleetTenant } from './fleet.ts';
import { HttpClient, HttpConnection } from './http-client.ts';
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

/** Connections that serve every tenant once, before each opens its own. */
const FEW = 8;

/** Every tenant keeps a connection open and now and then asks for a task; what that takes of the process and the server. */
export async function measureConnections({ tenants, rate, seconds, data }: ConnectionsOptions): Promise<Measure[]> {
  return withBenchServer({ data }, async (server) => {
    const engine = await openEngine(server);
    const fleet = await ensureFleet(engine, tenants);
    const product = await startProduct(server);
    const few = new HttpClient(product.port);
    const open: HttpConnection[] = [];
    try {
      const headers = await signIn(server, engine.owner, fleet);
      const fresh = await residentMegabytes(product.pid);
      const bar = progress('first request of each tenant', fleet.length);
      await inParallel(fleet, FEW, async (tenant) => {
        await few.get(pathOf(tenant), headers.get(tenant.binding.schema));
        bar.step();
      });
      bar.end();
      const served = await residentMegabytes(product.pid);
      await inParallel([...fleet.keys()], FEW, async (i) => void (open[i] = await HttpConnection.open(product.port)));
      const connected = await residentMegabytes(product.pid);
      const load = await openLoop(rate, seconds * 1000, async () => {
        let i = Math.floor(Math.random() * fleet.length);
        while (open[i]!.isBusy) i = (i + 1) % fleet.length;
        await ask(i);
      });
      const backends = await backendsOf(engine.owner, 'projectflow home');
      return [
        { what: 'from the start of the process to its first answer', unit: 'ms', ours: product.startMs },
        { what: 'resident memory after the start', unit: 'MB', ours: fresh },
        { what: `resident memory once each of ${fleet.length} tenants was served`, unit: 'MB', ours: served },
        { what: `resident memory with ${fleet.length} connections open`, unit: 'MB', ours: connected },
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
        const own = headers.get(tenant.binding.schema);
        const status = await open[i]!.ask({ method: 'GET', path: pathOf(tenant), headers: own });
        if (status !== 200) throw new Error(`answered ${status}`);
      }
    } finally {
      few.close();
      for (const connection of open) connection?.close();
      await product.stop();
      await engine.close();
    }
  });
}

function pathOf(tenant: FleetTenant): string {
  return `/api/v1/tasks/${taskOf(tenant)}`;
}
