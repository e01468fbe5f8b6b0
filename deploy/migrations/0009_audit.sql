-- Who did what.
-- compatible_from: 2

CREATE TABLE audit_entries (
  entry_number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entry_id uuid NOT NULL UNIQUE,  -- Given before it is written: written twice, it is there once.
  entry_time timestamptz NOT NULL,
  principal text NOT NULL,
  role smallint NOT NULL,
  is_token boolean NOT NULL,
  action text NOT NULL,
  target text NOT NULL,
  result text NOT NULL
);
CREATE INDEX audit_entries_by_principal ON audit_entries (lower(principal), entry_number);
CREATE INDEX audit_entries_by_target ON audit_entries (target, entry_number);
CREATE INDEX audit_entries_by_time ON audit_entries (entry_time);
