import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What every tenant's schema starts from: people and their roles, sessions, projects, tasks and the history of tasks.
 * Times are kept in milliseconds, as clients see them, so that a cursor compares exactly.
 */
export class Work1763700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...PEOPLE, ...PROJECTS, ...TASKS, ...HISTORY]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE "@tenant".comments, "@tenant".task_changes, "@tenant".task_status_transitions, "@tenant".tasks,
        "@tenant".project_members, "@tenant".projects, "@tenant".refresh_tokens, "@tenant".sessions,
        "@tenant".user_roles, "@tenant".roles, "@tenant".users`,
    );
  }
}

const PEOPLE = [
  `CREATE TABLE "@tenant".users (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (length(email) <= 255),
    first_name text NOT NULL CHECK (length(first_name) <= 100),
    last_name text NOT NULL CHECK (length(last_name) <= 100),
    password_hash text,
    active boolean NOT NULL DEFAULT true,
    last_login_at timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
  )`,
  `CREATE UNIQUE INDEX users_by_email ON "@tenant".users (lower(email))`,
  `CREATE TABLE "@tenant".roles (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    key text NOT NULL UNIQUE,
    name text NOT NULL,
    level integer NOT NULL CHECK (level BETWEEN 1 AND 50),
    built_in boolean NOT NULL DEFAULT false,
    grants text[] NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
  )`,
  `CREATE TABLE "@tenant".user_roles (
    user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
    role_id uuid NOT NULL REFERENCES "@tenant".roles,
    PRIMARY KEY (user_id, role_id)
  )`,
  `CREATE INDEX user_roles_by_role ON "@tenant".user_roles (role_id)`,
  `CREATE TABLE "@tenant".sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    last_used_at timestamptz(3) NOT NULL DEFAULT now(),
    expires_at timestamptz(3) NOT NULL,
    revoked_at timestamptz(3),
    user_agent text,
    address text
  )`,
  `CREATE INDEX sessions_by_user ON "@tenant".sessions (user_id)`,
  `CREATE TABLE "@tenant".refresh_tokens (
    hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES "@tenant".sessions ON DELETE CASCADE,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    expires_at timestamptz(3) NOT NULL,
    used_at timestamptz(3)
  )`,
  `CREATE INDEX refresh_tokens_by_session ON "@tenant".refresh_tokens (session_id)`,
];

const PROJECTS = [
  `CREATE TABLE "@tenant".projects (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) <= 200),
    description text,
    status text NOT NULL CHECK (status IN ('planning', 'active', 'on_hold', 'completed', 'archived')),
    start_date date,
    end_date date,
    budget_amount numeric(12,2),
    budget_currency text NOT NULL DEFAULT 'USD' CHECK (budget_currency ~ '^[A-Z]{3}$'),
    owner_id uuid NOT NULL REFERENCES "@tenant".users,
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    deleted_at timestamptz(3),
    version integer NOT NULL DEFAULT 1,
    CHECK (end_date >= start_date)
  )`,
  `CREATE INDEX projects_by_creation ON "@tenant".projects (created_at, id) WHERE deleted_at IS NULL`,
  `CREATE TABLE "@tenant".project_members (
    project_id uuid NOT NULL REFERENCES "@tenant".projects ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('manager', 'member', 'viewer')),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, user_id)
  )`,
  `CREATE INDEX project_members_by_user ON "@tenant".project_members (user_id, project_id)`,
];

const TASKS = [
  `CREATE TABLE "@tenant".tasks (
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL REFERENCES "@tenant".projects ON DELETE CASCADE,
    parent_id uuid REFERENCES "@tenant".tasks,
    title text NOT NULL CHECK (length(title) <= 255),
    description text,
    status text NOT NULL,
    status_category text NOT NULL CHECK (status_category IN ('todo', 'doing', 'done', 'cancelled')),
    priority text NOT NULL CHECK (priority IN ('low', 'medium', 'high', 'urgent')),
    assignee_id uuid REFERENCES "@tenant".users,
    reporter_id uuid NOT NULL REFERENCES "@tenant".users,
    start_date date,
    due_date date,
    estimated_hours numeric(7,2) CHECK (estimated_hours >= 0),
    tags text[] NOT NULL DEFAULT '{}',
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    started_at timestamptz(3),
    completed_at timestamptz(3),
    deleted_at timestamptz(3),
    version integer NOT NULL DEFAULT 1,
    CHECK (due_date >= start_date)
  )`,
  `CREATE INDEX tasks_by_project ON "@tenant".tasks (project_id, created_at, id) WHERE deleted_at IS NULL`,
  `CREATE INDEX tasks_by_creation ON "@tenant".tasks (created_at, id) WHERE deleted_at IS NULL`,
  `CREATE INDEX tasks_by_assignee ON "@tenant".tasks (assignee_id, created_at, id) WHERE deleted_at IS NULL`,
  `CREATE INDEX tasks_by_due_date ON "@tenant".tasks (due_date, id) WHERE deleted_at IS NULL`,
  `CREATE INDEX tasks_by_parent ON "@tenant".tasks (parent_id) WHERE parent_id IS NOT NULL`,
  `CREATE TABLE "@tenant".comments (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES "@tenant".tasks ON DELETE CASCADE,
    author_id uuid NOT NULL REFERENCES "@tenant".users,
    body text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    deleted_at timestamptz(3),
    version integer NOT NULL DEFAULT 1
  )`,
  `CREATE INDEX comments_by_task ON "@tenant".comments (task_id, created_at, id) WHERE deleted_at IS NULL`,
];

/** Kept from the first day because it cannot be rebuilt: flow, cycle times and burndown are computed from it. */
const HISTORY = [
  `CREATE TABLE "@tenant".task_status_transitions (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES "@tenant".tasks ON DELETE CASCADE,
    project_id uuid NOT NULL,
    from_status text,
    to_status text NOT NULL,
    from_category text,
    to_category text NOT NULL,
    actor_id uuid,
    at timestamptz(3) NOT NULL
  )`,
  `CREATE INDEX task_status_transitions_by_task ON "@tenant".task_status_transitions (task_id, at)`,
  `CREATE INDEX task_status_transitions_by_project ON "@tenant".task_status_transitions (project_id, at)`,
  `CREATE TABLE "@tenant".task_changes (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES "@tenant".tasks ON DELETE CASCADE,
    project_id uuid NOT NULL,
    field text NOT NULL,
    old_value jsonb,
    new_value jsonb,
    actor_id uuid,
    at timestamptz(3) NOT NULL
  )`,
  `CREATE INDEX task_changes_by_task ON "@tenant".task_changes (task_id, at, id)`,
  `CREATE INDEX task_changes_by_project ON "@tenant".task_changes (project_id, field, at)`,
];
