/** What happened, kept for ever: flow, cycle times and burn-down are computed from it, and it cannot be rebuilt. */
export const HISTORY = [
  `CREATE TABLE "@tenant".history (
    id uuid PRIMARY KEY,
    entity_type text NOT NULL CHECK (entity_type IN
      ('task', 'comment', 'time_entry', 'project', 'milestone', 'workflow', 'member', 'team', 'resource')),
    entity_id uuid NOT NULL,
    project_id uuid REFERENCES "@tenant".projects ON DELETE CASCADE,
    task_id uuid REFERENCES "@tenant".tasks ON DELETE CASCADE,
    field text NOT NULL,
    old_value jsonb,
    new_value jsonb,
    from_category text,
    to_category text,
    actor_id uuid,
    at timestamptz(3) NOT NULL,
    CHECK ((project_id IS NULL) = (entity_type IN ('comment', 'time_entry'))),
    CHECK ((task_id IS NOT NULL) = (entity_type IN ('task', 'comment', 'time_entry'))),
    CHECK ((to_category IS NOT NULL) = (entity_type = 'task' AND field = 'status'))
  )`,
  `COMMENT ON COLUMN "@tenant".history.project_id IS 'whose activity shows it; NULL for what is shown with its task alone'`,
  `COMMENT ON COLUMN "@tenant".history.task_id IS 'the task, or what the entity belongs to'`,
  `COMMENT ON COLUMN "@tenant".history.from_category IS 'of the former status of a task; NULL for a new one'`,
  // With the task in front it also serves the deletion of a task.
  `CREATE INDEX history_by_entity ON "@tenant".history (task_id, entity_id, at, id) WHERE task_id IS NOT NULL`,
  `CREATE INDEX history_by_project ON "@tenant".history (project_id, at, id) WHERE project_id IS NOT NULL`,
];
