-- Closures that are changed: by the version that was read.

ALTER TABLE closures ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version >= 1);
GRANT UPDATE ON closures TO berth_app;
