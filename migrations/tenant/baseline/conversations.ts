/** Comments with what belongs to them, and the files that are attached to tasks. */
export const CONVERSATIONS = [
  `CREATE TABLE "@tenant".comments (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES "@tenant".tasks ON DELETE CASCADE,
    parent_id uuid CONSTRAINT comments_parent REFERENCES "@tenant".comments,
    author_id uuid NOT NULL REFERENCES "@tenant".users,
    body text NOT NULL,
    mentions uuid[] NOT NULL DEFAULT '{}',
    reactions jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(reactions) = 'array'),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    deleted_at timestamptz(3),
    version integer NOT NULL DEFAULT 1
  )`,
  `COMMENT ON COLUMN "@tenant".comments.mentions IS 'whom it addresses, in the order of the text'`,
  `COMMENT ON COLUMN "@tenant".comments.reactions IS 'each with emoji, userId and at; the oldest first'`,
  `CREATE INDEX comments_by_task ON "@tenant".comments (task_id, created_at, id) WHERE deleted_at IS NULL`,
  `CREATE INDEX comments_by_parent ON "@tenant".comments (parent_id, created_at, id) WHERE parent_id IS NOT NULL AND deleted_at IS NULL`,
  `CREATE TABLE "@tenant".attachments (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES "@tenant".tasks ON DELETE CASCADE,
    comment_id uuid REFERENCES "@tenant".comments ON DELETE CASCADE,
    name text STORAGE PLAIN NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    media_type text STORAGE PLAIN NOT NULL CHECK (length(media_type) <= 255),
    bytes bigint NOT NULL CHECK (bytes >= 0),
    sha256 text STORAGE PLAIN NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    file_key text STORAGE PLAIN NOT NULL UNIQUE CHECK (file_key ~ '^attachment-[0-9a-f]{32}$'),
    width integer,
    height integer,
    has_thumbnail boolean NOT NULL DEFAULT false,
    uploaded_by uuid NOT NULL REFERENCES "@tenant".users,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    deleted_at timestamptz(3)
  )`,
  `COMMENT ON COLUMN "@tenant".attachments.file_key IS 'its name among the files of the tenant; that of its thumbnail ends in .webp besides'`,
  `CREATE INDEX attachments_by_task ON "@tenant".attachments (task_id, created_at, id) WHERE deleted_at IS NULL`,
  `CREATE INDEX attachments_by_comment ON "@tenant".attachments (comment_id) WHERE comment_id IS NOT NULL`,
];
