-- In a transaction of its own, so that writes go on while the rows there are looked at.
ALTER TABLE reservations VALIDATE CONSTRAINT held_since_some_time;
