-- Whoever has reserved nothing yet may watch what is available: connections of nobody in particular.
-- squawk-ignore-file ban-drop-constraint
ALTER TABLE connection_tickets DROP CONSTRAINT connection_tickets_check1;
ALTER TABLE connection_tickets ADD CHECK (user_id IS NULL OR reservation_id IS NULL) NOT VALID;
ALTER TABLE connections DROP CONSTRAINT connections_check1;
ALTER TABLE connections ADD CHECK (user_id IS NULL OR reservation_id IS NULL) NOT VALID;
-- No row is of both: the constraints that went said more.
ALTER TABLE connection_tickets VALIDATE CONSTRAINT connection_tickets_check1;
ALTER TABLE connections VALIDATE CONSTRAINT connections_check1;
