-- Since when something is held. A hold is extended by what it was given at first, which is neither its time since the
-- reservation's creation (a confirmed one may become held where it is moved to) nor what its present terms give (they
-- may know no holds). The default is for the release that runs while this migration comes, which does not know the
-- column, and for what is held by then: it is extended by what is left of it. A later migration may drop it.
ALTER TABLE reservations ADD COLUMN held_since timestamptz DEFAULT now();

ALTER TABLE reservations ADD CONSTRAINT held_since_some_time
CHECK (state <> 'held' OR held_since IS NOT NULL) NOT VALID;
