-- Who may do what: users with their sessions, tokens of machines, and how logins went.
--
-- Secrets are not kept: of a password its scrypt hash, of a session and a token the SHA-256. Times
-- are given by event storage, whose clock decides what has expired.
--
-- compatible_from: 2

CREATE TABLE users (
  user_id uuid PRIMARY KEY,
  name text NOT NULL,
  name_key text NOT NULL UNIQUE,  -- The name in lower case.
  role smallint NOT NULL,
  store_ids text[] NOT NULL,      -- Empty: every store.
  camera_ids text[] NOT NULL,     -- Empty: every camera of these stores.
  disabled boolean NOT NULL,
  password text NOT NULL,         -- $scrypt$ln=..,r=..,p=..$SALT$HASH
  create_time timestamptz NOT NULL,
  last_login_time timestamptz
);

CREATE TABLE sessions (
  session_hash bytea PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  create_time timestamptz NOT NULL,
  use_time timestamptz NOT NULL   -- To the minute.
) WITH (fillfactor = 70);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_age ON sessions (create_time);

CREATE TABLE api_tokens (
  token_id uuid PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE,
  name text NOT NULL,
  role smallint NOT NULL,
  store_ids text[] NOT NULL,
  camera_ids text[] NOT NULL,
  create_time timestamptz NOT NULL,
  expire_time timestamptz,        -- NULL: never.
  use_time timestamptz,           -- To the minute.
  revoke_time timestamptz
);

-- Failed logins in a row, by the name that was tried. Names that nobody has are counted like the
-- others, so that a lock does not tell which names exist.
CREATE TABLE login_failures (
  name_key text PRIMARY KEY,
  failures integer NOT NULL,
  last_time timestamptz NOT NULL,
  locked_until timestamptz
);
CREATE INDEX login_failures_by_age ON login_failures (last_time);
