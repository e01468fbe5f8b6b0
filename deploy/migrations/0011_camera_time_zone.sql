-- The time zone of a camera's store.
-- compatible_from: 2

-- A name of the IANA database; empty where it is not known. A program from before neither reads nor changes it.
ALTER TABLE cameras ADD time_zone text NOT NULL DEFAULT '';
