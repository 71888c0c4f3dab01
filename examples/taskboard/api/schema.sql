-- The tables of api/schema.ts. Run at each start, so it must be harmless where they exist already.

CREATE TABLE IF NOT EXISTS users (
  id text PRIMARY KEY,
  name text NOT NULL
);

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

CREATE TABLE IF NOT EXISTS comments (
  id uuid PRIMARY KEY,
  task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
  author_id text NOT NULL REFERENCES users,
  text text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS comments_task ON comments (task_id);

INSERT INTO users (id, name) VALUES
  ('ann', 'Ann Keller'), ('ben', 'Ben Okafor'), ('cleo', 'Cleo Martin'), ('dan', 'Dan Novak')
ON CONFLICT DO NOTHING;
