import { expectStatus } from '../support/client.ts';
import type { TestTenant } from '../support/tenant.ts';

/** A Monday that is far enough away for every clock. */
export const MONDAY = '2035-01-01';

/** A project of the owner's whose tasks are named. */
export class PlannedProject {
  readonly #ids = new Map<string, string>();

  private constructor(
    readonly tenant: TestTenant,
    readonly id: string,
  ) {}

  static async make(tenant: TestTenant, fields: object = {}, members: Parameters<TestTenant['project']>[1] = []) {
    const { id } = await tenant.project('Apollo', members);
    if (Object.keys(fields).length > 0) expectStatus(await tenant.owner.patch(`/projects/${id}`, fields), 200);
    return new PlannedProject(tenant, id);
  }

  /** @param work hours; without any the fields say it */
  async task(title: string, work?: number, fields: object = {}): Promise<string> {
    const { id } = await this.tenant.task(this.id, { title, estimatedHours: work, ...fields });
    this.#ids.set(title, id);
    return id;
  }

  async link(title: string, on: string, fields: object = {}): Promise<string> {
    const body = { dependsOnTaskId: this.idOf(on), ...fields };
    return expectStatus(await this.tenant.owner.post(`/tasks/${this.idOf(title)}/dependencies`, body), 201).data.id;
  }

  idOf(title: string): string {
    return this.#ids.get(title)!;
  }

  async timeline(startOn = MONDAY): Promise<any> {
    return expectStatus(await this.tenant.owner.get(`/projects/${this.id}/timeline?startOn=${startOn}`), 200).data;
  }

  /** Earliest start and finish of each task, as days of January 2035 where they are in it. */
  async dates(): Promise<Record<string, string>> {
    const { tasks } = await this.timeline();
    const short = (day: string) => day.replace(/^2035-01-0?/, '');
    return Object.fromEntries(
      tasks.map((task: any) => [task.title, `${short(task.earliestStart)}-${short(task.earliestFinish)}`]),
    );
  }
}
