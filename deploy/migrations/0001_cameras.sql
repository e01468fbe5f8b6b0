-- Stores, cameras with their zones and rules, and who runs which camera.
--
-- Enumerations are kept as the numbers of aislewatch.v1; durations as microseconds, so that what a
-- client reads is exactly what it wrote.

CREATE TABLE stores (
  store_id text PRIMARY KEY,
  create_time timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cameras (
  camera_id text PRIMARY KEY,
  store_id text NOT NULL REFERENCES stores,
  name text NOT NULL,
  source_url text NOT NULL,
  enabled boolean NOT NULL,
  analysis_fps real NOT NULL,
  analysis_size integer NOT NULL,
  show_heads boolean NOT NULL,
  loop boolean NOT NULL,
  as_fast_as_possible boolean NOT NULL,
  revision bigint NOT NULL DEFAULT 1,
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX cameras_by_store ON cameras (store_id, camera_id);

CREATE TABLE zones (
  camera_id text NOT NULL REFERENCES cameras ON DELETE CASCADE,
  zone_id text NOT NULL,
  position integer NOT NULL,  -- Order in which the client gave them.
  name text NOT NULL,
  kind smallint NOT NULL,
  polygon real[] NOT NULL,    -- x0, y0, x1, y1, ... in fractions of the picture.
  PRIMARY KEY (camera_id, zone_id),
  CHECK (cardinality(polygon) >= 6 AND cardinality(polygon) % 2 = 0)
);

CREATE TABLE rules (
  camera_id text NOT NULL REFERENCES cameras ON DELETE CASCADE,
  rule_id text NOT NULL,
  position integer NOT NULL,
  kind smallint NOT NULL,
  severity smallint NOT NULL,
  zone_ids text[] NOT NULL,
  min_risk real NOT NULL,
  min_duration_us bigint NOT NULL,
  cooldown_us bigint NOT NULL,
  fire_once_per smallint NOT NULL,
  min_people integer NOT NULL,
  escalate_after_us bigint,   -- NULL means never.
  PRIMARY KEY (camera_id, rule_id)
);

-- One row per camera, so that taking a lease locks a row instead of racing to insert one.
CREATE TABLE camera_leases (
  camera_id text PRIMARY KEY REFERENCES cameras ON DELETE CASCADE,
  holder text,                -- NULL where nobody has it.
  acquire_time timestamptz,
  expire_time timestamptz,
  -- The holder was told to stop and has not called again since; nobody else may start yet.
  handing_over boolean NOT NULL DEFAULT false,
  pipeline jsonb,             -- What the holder last reported: aislewatch.v1.PipelineStatus.
  report_time timestamptz,
  CHECK ((holder IS NULL) = (expire_time IS NULL))
) WITH (fillfactor = 70);     -- Rows are renewed every few seconds; leaves room for HOT updates.
CREATE INDEX camera_leases_by_holder ON camera_leases (holder);

-- Replicas that asked for cameras lately; their number decides everybody's fair share.
CREATE TABLE lease_holders (
  holder text PRIMARY KEY,
  max_cameras integer NOT NULL,
  expire_time timestamptz NOT NULL
) WITH (fillfactor = 70);
