-- Incidents, their history, evidence and reviews, and the feed of changes that watchers read.

-- What makes an incident unique and never changes. Partitions cannot enforce a key without their
-- partition column, so this table does, and it tells in which partition the incident lies.
CREATE TABLE incident_keys (
  incident_id uuid PRIMARY KEY,
  opened_time timestamptz NOT NULL,
  store_id text NOT NULL,
  camera_id text NOT NULL
);

-- An incident as it is after the transition with the highest number recorded so far.
CREATE TABLE incidents (
  incident_id uuid NOT NULL,
  opened_time timestamptz NOT NULL,
  store_id text NOT NULL,
  camera_id text NOT NULL,
  kind smallint NOT NULL,
  severity smallint NOT NULL,
  state smallint NOT NULL,
  updated_time timestamptz NOT NULL,
  closed_time timestamptz,
  peak_risk real NOT NULL,
  transition_number integer NOT NULL,
  review_state smallint NOT NULL DEFAULT 1,
  hold boolean NOT NULL DEFAULT false,
  content jsonb NOT NULL,     -- aislewatch.v1.Incident as the camera's pipeline sent it.
  PRIMARY KEY (incident_id, opened_time)
) PARTITION BY RANGE (opened_time);
CREATE INDEX incidents_newest ON incidents (opened_time DESC, incident_id DESC);
CREATE INDEX incidents_newest_by_store ON incidents (store_id, opened_time DESC, incident_id DESC);
CREATE INDEX incidents_newest_by_camera ON incidents (camera_id, opened_time DESC, incident_id DESC);

CREATE TABLE incident_transitions (
  incident_id uuid NOT NULL,
  number integer NOT NULL,
  opened_time timestamptz NOT NULL,
  kind smallint NOT NULL,
  transition_time timestamptz NOT NULL,
  record_time timestamptz NOT NULL DEFAULT now(),
  content jsonb NOT NULL,     -- The whole incident after this step.
  PRIMARY KEY (incident_id, number, opened_time)
) PARTITION BY RANGE (opened_time);

CREATE TABLE incident_tracks (
  incident_id uuid NOT NULL,
  track_id bigint NOT NULL,
  opened_time timestamptz NOT NULL,
  peak_risk real NOT NULL,
  first_time timestamptz,
  last_time timestamptz,
  PRIMARY KEY (incident_id, track_id, opened_time)
) PARTITION BY RANGE (opened_time);

-- Makes the month's partitions where they are missing. Several replicas may ask at once: one makes
-- them, the others wait for its commit and then find them. Call it in a transaction of its own:
-- a new partition locks its parent, and whoever holds incidents while asking could deadlock.
CREATE FUNCTION ensure_incident_month(moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  first timestamptz := date_trunc('month', moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  next timestamptz := (date_trunc('month', moment AT TIME ZONE 'UTC') + interval '1 month')
                      AT TIME ZONE 'UTC';
  suffix text := to_char(first AT TIME ZONE 'UTC', 'YYYYMM');
  parent text;
BEGIN
  IF to_regclass('incidents_' || suffix) IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('aislewatch.incident_partitions'));
  FOREACH parent IN ARRAY ARRAY['incidents', 'incident_transitions', 'incident_tracks'] LOOP
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                   parent || '_' || suffix, parent, first, next);
  END LOOP;
END
$$;

CREATE TABLE reviews (
  review_id uuid PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incident_keys ON DELETE CASCADE,
  state smallint NOT NULL,
  reviewer text NOT NULL,
  note text NOT NULL,
  -- clock_timestamp: the order of reviews is the order in which they took the incident's row.
  create_time timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX reviews_by_incident ON reviews (incident_id, create_time);

-- Bytes are written beside the evidence that they belong to, in pieces, before it is known that
-- all of them came and are right; evidence points to them only then.
CREATE TABLE evidence_blobs (
  blob_id uuid PRIMARY KEY,
  create_time timestamptz NOT NULL DEFAULT now(),
  complete boolean NOT NULL DEFAULT false
);
CREATE INDEX evidence_blobs_incomplete ON evidence_blobs (create_time) WHERE NOT complete;

CREATE TABLE evidence_chunks (
  blob_id uuid NOT NULL REFERENCES evidence_blobs ON DELETE CASCADE,
  first_byte bigint NOT NULL,
  data bytea NOT NULL,
  PRIMARY KEY (blob_id, first_byte)
);
-- Pictures and videos are compressed already.
ALTER TABLE evidence_chunks ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE evidence (
  evidence_id uuid PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incident_keys ON DELETE CASCADE,
  kind smallint NOT NULL,
  state smallint NOT NULL,
  media_type text NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 text NOT NULL,
  capture_time timestamptz,
  error text NOT NULL,
  blob_id uuid REFERENCES evidence_blobs,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX evidence_by_incident ON evidence (incident_id, create_time);
CREATE INDEX evidence_by_blob ON evidence (blob_id);

-- Numbers changes. Whoever writes changes takes their numbers from this row and holds its lock until
-- the commit, so changes become visible in the order of their numbers and a watcher that has read up
-- to a number can never miss a smaller one. A sequence would not give that.
CREATE TABLE change_counter (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  last_change bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO change_counter (last_change) VALUES (0);

-- What happened, with what watchers filter by as it was then: a filter picks the same changes
-- whenever they are read.
CREATE TABLE incident_changes (
  change_number bigint PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incident_keys ON DELETE CASCADE,
  opened_time timestamptz NOT NULL,
  transition_number integer,  -- Of a transition; else NULL.
  review_id uuid REFERENCES reviews ON DELETE CASCADE,  -- Of a review; else NULL.
  store_id text NOT NULL,
  camera_id text NOT NULL,
  kind smallint NOT NULL,
  severity smallint NOT NULL,
  state smallint NOT NULL,
  review_state smallint NOT NULL,
  CHECK ((transition_number IS NULL) <> (review_id IS NULL))
);
CREATE INDEX incident_changes_by_incident ON incident_changes (incident_id);
CREATE INDEX incident_changes_by_review ON incident_changes (review_id) WHERE review_id IS NOT NULL;
