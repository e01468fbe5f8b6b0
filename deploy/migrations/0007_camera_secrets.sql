-- Passwords of cameras, encrypted.
-- compatible_from: 2

-- The whole source URL, sealed with a key that is not in the database (core/secret_box.h); source_url
-- then has *** in place of its secrets. NULL where the URL has none, or no key was given.
ALTER TABLE cameras ADD source_secret text;
