-- Shoppers' attention: sums of visits to zones by the hour.
-- compatible_from: 2

CREATE TABLE attention_sums (
  hour timestamptz NOT NULL,      -- The UTC hour in which the visits began.
  store_id text NOT NULL,
  camera_id text NOT NULL,
  zone_id text NOT NULL,
  zone_kind smallint NOT NULL,    -- As it was then.
  passers_by bigint NOT NULL,
  looked bigint NOT NULL,
  entered bigint NOT NULL,
  looked_and_entered bigint NOT NULL,
  looking_us bigint NOT NULL,
  dwell_us bigint NOT NULL,
  PRIMARY KEY (hour, store_id, camera_id, zone_id, zone_kind)
) WITH (fillfactor = 70);         -- The hour that runs is added to again and again.

-- What was added in the last two days, so that adding it again changes nothing.
CREATE TABLE attention_visits (
  visit_id uuid PRIMARY KEY,
  record_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attention_visits_by_age ON attention_visits (record_time);
