/** Projects with their people and milestones. A project has its workflow and its rounding of time in columns of its own. */
export const PROJECTS = [
  `CREATE TABLE "@tenant".projects (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) <= 200),
    description text,
    status text NOT NULL CHECK (status IN ('planning', 'active', 'on_hold', 'completed', 'archived')),
    archived_from text,
    start_date date,
    end_date date,
    budget_amount numeric(12,2),
    budget_currency text NOT NULL DEFAULT 'USD' CHECK (budget_currency ~ '^[A-Z]{3}$'),
    owner_id uuid NOT NULL REFERENCES "@tenant".users,
    settings jsonb NOT NULL DEFAULT '{}',
    workflow jsonb,
    workflow_version integer NOT NULL DEFAULT 0,
    round_to smallint NOT NULL DEFAULT 0 CHECK (round_to IN (0, 1, 5, 6, 10, 15, 30, 60)),
    rounding_mode text NOT NULL DEFAULT 'nearest' CHECK (rounding_mode IN ('up', 'nearest', 'down')),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    deleted_at timestamptz(3),
    version integer NOT NULL DEFAULT 1,
    CHECK (end_date >= start_date),
    CHECK ((workflow IS NULL) = (workflow_version = 0))
  )`,
  `COMMENT ON COLUMN "@tenant".projects.workflow IS 'statuses and transitions; NULL: the workflow that all start with'`,
  `COMMENT ON COLUMN "@tenant".projects.round_to IS 'minutes that logged time is rounded to; 0: not at all'`,
  `CREATE INDEX projects_by_creation ON "@tenant".projects (created_at, id) WHERE deleted_at IS NULL`,
  `CREATE TABLE "@tenant".project_members (
    project_id uuid NOT NULL REFERENCES "@tenant".projects ON DELETE CASCADE,
    member_id uuid NOT NULL,
    member_type text STORAGE PLAIN NOT NULL DEFAULT 'user' CHECK (member_type IN ('user', 'team')),
    role text STORAGE PLAIN NOT NULL CHECK (role IN ('manager', 'member', 'viewer')),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    user_id uuid GENERATED ALWAYS AS (CASE WHEN member_type = 'user' THEN member_id END) STORED
      REFERENCES "@tenant".users ON DELETE CASCADE,
    team_id uuid GENERATED ALWAYS AS (CASE WHEN member_type = 'team' THEN member_id END) STORED
      REFERENCES "@tenant".teams ON DELETE CASCADE,
    PRIMARY KEY (project_id, member_id)
  )`,
  `COMMENT ON COLUMN "@tenant".project_members.member_id IS 'a person, or a team whose people are in the project through it'`,
  `CREATE INDEX project_members_by_member ON "@tenant".project_members (member_id, project_id)`,
  `CREATE TABLE "@tenant".milestones (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES "@tenant".projects ON DELETE CASCADE,
    name text NOT NULL CHECK (length(name) <= 200),
    description text,
    due_date date,
    completed_at timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    deleted_at timestamptz(3),
    version integer NOT NULL DEFAULT 1
  )`,
  `CREATE INDEX milestones_by_project ON "@tenant".milestones (project_id, due_date, id) WHERE deleted_at IS NULL`,
];
