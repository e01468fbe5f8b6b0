-- Webhooks, and the ledger of what is on its way to them.
-- compatible_from: 2

CREATE TABLE webhooks (
  webhook_id uuid PRIMARY KEY,
  name text NOT NULL,
  url text NOT NULL,
  secret text NOT NULL,           -- Needed to sign, so it cannot be hashed.
  store_ids text[],               -- NULL means every one; likewise below.
  camera_ids text[],
  kinds smallint[],
  min_severity smallint,
  enabled boolean NOT NULL,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_error text NOT NULL DEFAULT ''  -- Of the last try; empty where it did not fail.
);

-- One event for one webhook. Rows are written by the transaction that records the transition or review, so
-- neither can be there without the other.
CREATE TABLE webhook_deliveries (
  delivery_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),  -- Also the event's id.
  sequence bigint GENERATED ALWAYS AS IDENTITY,            -- Order of tries that are due together.
  webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  incident_id uuid NOT NULL REFERENCES incident_keys ON DELETE CASCADE,
  opened_time timestamptz NOT NULL,
  transition_number integer,      -- Of a transition; else NULL.
  transition_kind smallint NOT NULL DEFAULT 0,  -- 0 for a review.
  review_id uuid REFERENCES reviews ON DELETE CASCADE,  -- Of a review; else NULL.
  review_state smallint NOT NULL, -- Of the incident when it was taken up: a try repeats what was said.
  state smallint NOT NULL DEFAULT 1,
  attempts integer NOT NULL DEFAULT 0,
  last_status integer NOT NULL DEFAULT 0,
  last_error text NOT NULL DEFAULT '',
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  since_time timestamptz NOT NULL DEFAULT clock_timestamp(),  -- Its day of tries began.
  -- When it is due; of one that is being tried (leased), when it may be taken for lost.
  next_attempt_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  leased boolean NOT NULL DEFAULT false,
  finish_time timestamptz,        -- Delivered or given up.
  CHECK ((transition_number IS NULL) <> (review_id IS NULL))
);
CREATE UNIQUE INDEX webhook_deliveries_by_transition
  ON webhook_deliveries (webhook_id, incident_id, transition_number) WHERE transition_number IS NOT NULL;
CREATE UNIQUE INDEX webhook_deliveries_by_review
  ON webhook_deliveries (webhook_id, review_id) WHERE review_id IS NOT NULL;
CREATE INDEX webhook_deliveries_due
  ON webhook_deliveries (webhook_id, next_attempt_time, sequence) WHERE state = 1;
CREATE INDEX webhook_deliveries_dead ON webhook_deliveries (webhook_id) WHERE state = 3;
CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (webhook_id, create_time DESC, delivery_id DESC);
CREATE INDEX webhook_deliveries_by_incident ON webhook_deliveries (incident_id);
CREATE INDEX webhook_deliveries_reviews ON webhook_deliveries (review_id) WHERE review_id IS NOT NULL;
CREATE INDEX webhook_deliveries_finished ON webhook_deliveries (finish_time) WHERE finish_time IS NOT NULL;
