-- What retention looks for.
-- compatible_from: 2

-- Evidence whose bytes retention may take.
CREATE INDEX evidence_with_bytes ON evidence (incident_id) WHERE blob_id IS NOT NULL;
