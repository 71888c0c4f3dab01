-- The tables of api/schema.ts. This runs at each start, so it must do no harm if they already exist.
-- Newer columns are added to older tables.

-- Two processes that start at the same moment run this one after the other.
SELECT pg_advisory_xact_lock(20261127);

CREATE TABLE IF NOT EXISTS users (
  id text PRIMARY KEY,
  name text NOT NULL
);
INSERT INTO users (id, name) VALUES
  ('ann', 'Ann Keller'), ('ben', 'Ben Okafor'), ('cleo', 'Cleo Martin'), ('dan', 'Dan Novak')
ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS projects (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS tasks (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
  title text NOT NULL,
  status text NOT NULL,
  priority text NOT NULL,
  assignee_id text REFERENCES users,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS tasks_project ON tasks (project_id);

ALTER TABLE tasks ADD COLUMN IF NOT EXISTS description text NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS due_on date;
-- A deleted task stays for a while, so that it can be restored.
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS deleted_at timestamptz;
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS deleted_by text REFERENCES users;
-- Sorted by its characters, whatever the language of the database.
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS position text COLLATE "C";

-- Tasks without a position keep their order: the most urgent first, then the oldest.
UPDATE tasks SET position = 'U' || lpad(place::text, 6, '0') || 'V'
FROM (
  SELECT id, row_number() OVER (
    PARTITION BY project_id, status
    ORDER BY array_position(ARRAY['high', 'medium', 'low'], priority), created_at
  ) AS place
  FROM tasks WHERE position IS NULL
) AS placed
WHERE tasks.id = placed.id;
ALTER TABLE tasks ALTER COLUMN position SET NOT NULL;

CREATE TABLE IF NOT EXISTS comments (
  id uuid PRIMARY KEY,
  task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
  author_id text NOT NULL REFERENCES users,
  text text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS comments_task ON comments (task_id);

-- A thread has the id of its first comment.
CREATE TABLE IF NOT EXISTS threads (
  id uuid PRIMARY KEY,
  task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  resolved_by text REFERENCES users
);
CREATE INDEX IF NOT EXISTS threads_task ON threads (task_id);

-- Up to which comment a user has read a thread.
CREATE TABLE IF NOT EXISTS thread_reads (
  thread_id uuid NOT NULL REFERENCES threads ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES users,
  read_at timestamptz NOT NULL,
  PRIMARY KEY (thread_id, user_id)
);

ALTER TABLE comments ADD COLUMN IF NOT EXISTS thread_id uuid REFERENCES threads ON DELETE CASCADE;
ALTER TABLE comments ADD COLUMN IF NOT EXISTS edited_at timestamptz;
-- A deleted comment stays without its text, so that the answers to it keep their place.
ALTER TABLE comments ADD COLUMN IF NOT EXISTS deleted_at timestamptz;

-- From before there were threads: the comments on a task become one thread, which everybody has read.
INSERT INTO threads (id, task_id, created_at)
  SELECT DISTINCT ON (task_id) id, task_id, created_at
  FROM comments WHERE thread_id IS NULL ORDER BY task_id, created_at, id;
INSERT INTO thread_reads (thread_id, user_id, read_at)
  SELECT threads.id, users.id, now() FROM threads, users
  WHERE EXISTS (SELECT FROM comments WHERE comments.id = threads.id AND thread_id IS NULL);
UPDATE comments SET thread_id = threads.id
FROM threads WHERE comments.thread_id IS NULL AND threads.task_id = comments.task_id;
ALTER TABLE comments ALTER COLUMN thread_id SET NOT NULL;
CREATE INDEX IF NOT EXISTS comments_thread ON comments (thread_id, created_at, id);

CREATE TABLE IF NOT EXISTS reactions (
  comment_id uuid NOT NULL REFERENCES comments ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES users,
  emoji text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (comment_id, user_id, emoji)
);

-- Whom a comment names: by id, since names change.
CREATE TABLE IF NOT EXISTS mentions (
  comment_id uuid NOT NULL REFERENCES comments ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES users,
  PRIMARY KEY (comment_id, user_id)
);

-- Grows with each change of a task. What two people have changed is found by it, and by who was last.
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS version integer NOT NULL DEFAULT 1;
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS changed_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS changed_by text REFERENCES users;

-- The keys of requests that write, with their answers.
CREATE TABLE IF NOT EXISTS idempotency_keys (
  key text PRIMARY KEY,
  answer jsonb NOT NULL,
  kept_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS idempotency_keys_kept ON idempotency_keys (kept_at);

-- Events that are not sent yet.
CREATE TABLE IF NOT EXISTS outbox (
  id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  method text NOT NULL,
  args jsonb NOT NULL
);

-- A private project is for its members only, and encrypted from end to end. The keys are in a table of the package.
ALTER TABLE projects ADD COLUMN IF NOT EXISTS is_private boolean NOT NULL DEFAULT false;
-- Who is removed is a member no longer. The row goes when the realtime server has shut them out.
CREATE TABLE IF NOT EXISTS members (
  project_id uuid NOT NULL REFERENCES projects ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES users,
  removed_at timestamptz,
  PRIMARY KEY (project_id, user_id)
);

-- The description is a shared text, which the realtime server has, and the column says what was read of it.
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS opened_at timestamptz;
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS described_at timestamptz;
