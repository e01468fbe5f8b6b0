-- Keys of webhooks' signatures, encrypted.
-- compatible_from: 2

-- Sealed with a key that is not in the database (core/secret_box.h); secret is then empty. NULL where no key was given.
ALTER TABLE webhooks ADD sealed_secret text;

-- A program from before would sign with the empty secret. It compares last_error to find what is due, so NULL makes it
-- leave the webhook to those that can sign; their errors are then in sealed_last_error.
ALTER TABLE webhooks ALTER last_error DROP NOT NULL;
ALTER TABLE webhooks ADD sealed_last_error text NOT NULL DEFAULT '';
