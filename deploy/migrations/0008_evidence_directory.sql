-- Evidence whose bytes lie in files.
-- compatible_from: 2

-- Where a blob's bytes are: 0 in evidence_chunks, 1 in a file of the evidence directory.
ALTER TABLE evidence_blobs ADD location smallint NOT NULL DEFAULT 0;

-- The directory that belongs to this database has this id in a file, so that an empty mount point, or
-- somebody else's volume, is not taken for it.
CREATE TABLE evidence_directory (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  directory_id uuid NOT NULL
);

-- What retention gives up.
CREATE INDEX evidence_pending ON evidence (create_time) WHERE state = 1;
