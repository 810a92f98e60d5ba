-- Scheduled functions take the topics from connections whose access has changed, until the gateway has closed them: the
-- rows were removed first, and a connection that could not be closed was never tried again.
GRANT UPDATE (topics) ON connections TO berth_jobs;
