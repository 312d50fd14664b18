/* eslint-disable no-template-curly-in-string -- the mutants quote templates of the source as they stand there */
import type { Mutant } from './mutant.ts';

const BOARDS = 'test/boards/boards.spec.ts';
const POSITIONS = 'test/tasks/positions.spec.ts';
const REPEATED = 'test/idempotency/idempotency.spec.ts';
const CHANGES = 'src/tasks/task-changes.service.ts';
const FULL =
  'the workflow of a project warns of a status that is too full, or lets nobody in, also when many come at once';
const DRAGS =
  'the order of tasks survives many who drag at the same moment: every task keeps a place of its own, beside its neighbour';
const LEFT = 'src/tasks/task-reassignment.service.ts';
const LEFT_BY_MANY = 'test/tasks/reassignment.spec.ts';
const STORM = 'a POST with an Idempotency-Key is done once by many who repeat it at the same moment';

/** What many do to a plan at the same moment. */
export const PLANS: Mutant[] = [
  {
    name: 'tasks crowd into a full status at the same time',
    file: CHANGES,
    find: "if (wipMode === 'refuse') await lockStatus(",
    replace: "if (wipMode === 'warn') await lockStatus(",
    spec: BOARDS,
    test: FULL,
  },
  {
    name: 'two drags to one spot take the same place',
    file: 'src/tasks/task-locks.service.ts',
    find: 'for (const id of await projectsOf(tx, [taskId])) await lockOrder(tx, id);',
    replace: '',
    spec: POSITIONS,
    test: DRAGS,
  },
  {
    name: 'milestones are found by figures that are not shown',
    file: 'src/milestones/milestones.queries.ts',
    find: ' AND ${sees}) p',
    replace: ') p',
    spec: 'test/milestones/milestones.spec.ts',
    test: 'a milestone is found by its figures, by those who see them alone',
  },
  {
    name: 'whoever goes loses what they have done',
    file: LEFT,
    find: 'newValue: to, onlyOpen: true',
    replace: 'newValue: to, onlyOpen: false',
    spec: LEFT_BY_MANY,
    test: 'the tasks of somebody with hundreds of them who is deactivated are nobody’s, by a few statements a project, with the traces of a single change',
  },
  {
    name: 'members by name lose their tasks with their team',
    file: LEFT,
    find: 'assigneeIds.filter((id) => !members.has(id))',
    replace: 'assigneeIds.filter((id) => !members.has(id) || true)',
    spec: LEFT_BY_MANY,
    test: 'the tasks of somebody with hundreds of them of several people whose team was taken from a project take no more statements than those of one',
  },
  {
    name: 'a repeated request does not wait for the one that is under way',
    file: 'src/platform/idempotency/idempotency.interceptor.ts',
    find: 'if (!(await tryLockKey(tx, id))) throw new RequestInFlight();',
    replace: 'await tryLockKey(tx, id);',
    spec: REPEATED,
    test: STORM,
  },
  {
    name: 'a key is good for another request',
    file: 'src/platform/idempotency/idempotency.interceptor.ts',
    find: 'if (!kept.fingerprint.equals(fingerprint))',
    replace: 'if (kept.fingerprint.length === 0)',
    spec: REPEATED,
    test: 'a POST with an Idempotency-Key belongs to one request: the same key with something else is refused',
  },
  {
    name: 'what is in an archived project is changed',
    file: 'src/projects/projects.service.ts',
    find: "if (writing && standing.projectStatus === 'archived')",
    replace: "if (writing && standing.projectStatus === 'deleted')",
    spec: 'test/projects/lifecycle.spec.ts',
    test: 'an archived project is read and not changed, with all that is in it, and comes back as it was',
  },
];
