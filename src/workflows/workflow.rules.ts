import type { ErrorDetail } from '../platform/errors/app-error.ts';
import type { StatusCategory } from '../history/history.types.ts';
import type { Workflow, WorkflowStatus } from './workflow.types.ts';

const status = (key: string, name: string, category: StatusCategory): WorkflowStatus => ({
  key,
  name,
  category,
  wipLimit: null,
  wipMode: 'warn',
});

/** The workflow that every project starts with; each status can be reached from every other. */
export const DEFAULT_WORKFLOW: Workflow = {
  statuses: [
    status('todo', 'To do', 'todo'),
    status('in_progress', 'In progress', 'doing'),
    status('in_review', 'In review', 'doing'),
    status('done', 'Done', 'done'),
    status('cancelled', 'Cancelled', 'cancelled'),
  ],
  transitions: null,
};

export function findStatus(workflow: Workflow, key: string): WorkflowStatus | undefined {
  return workflow.statuses.find((each) => each.key === key);
}

/** Where a task starts that nobody gives a status. */
export function firstStatus(workflow: Workflow): WorkflowStatus {
  return workflow.statuses.find(({ category }) => category === 'todo')!;
}

/** The statuses that a task may go to from where it is; where it is itself is not among them. */
export function reachableFrom({ statuses, transitions }: Workflow, from: string): string[] {
  return statuses
    .map(({ key }) => key)
    .filter(
      (to) => to !== from && (transitions === null || transitions.some((one) => one.from === from && one.to === to)),
    );
}

/** What is wrong with a workflow that somebody wants to have; the fields by themselves are valid already. */
export function problemsOf({ statuses, transitions }: Workflow): ErrorDetail[] {
  const problems: ErrorDetail[] = [];
  const say = (pointer: string, code: string, message: string) => problems.push({ pointer, code, message });
  const keys = statuses.map(({ key }) => key);
  keys.forEach((key, i) => {
    if (keys.indexOf(key) < i) say(`/statuses/${i}/key`, 'repeated', `There are two statuses with the key ${key}.`);
  });
  for (const category of ['todo', 'done'] as const)
    if (!statuses.some((each) => each.category === category))
      say('/statuses', 'category_missing', `A workflow needs a status of the category ${category}.`);
  transitions?.forEach(({ from, to }, i) => {
    if (!keys.includes(from))
      say(`/transitions/${i}/from`, 'unknown_status', `There is no status ${from} in the workflow.`);
    if (!keys.includes(to)) say(`/transitions/${i}/to`, 'unknown_status', `There is no status ${to} in the workflow.`);
    if (from === to) say(`/transitions/${i}/to`, 'same_status', 'A transition leads to another status.');
    if (transitions.findIndex((one) => one.from === from && one.to === to) < i)
      say(`/transitions/${i}`, 'repeated', `The transition from ${from} to ${to} is there twice.`);
  });
  return problems;
}
