-- Whether the email of an invitation left: the request that makes a tenant is repeated until it did. Of those before, it is
-- taken for sent. The default is that of this statement alone, and no release knows it.
-- squawk-ignore-file ban-drop-default
ALTER TABLE invitations ADD COLUMN sent_at timestamptz DEFAULT now();
ALTER TABLE invitations ALTER COLUMN sent_at DROP DEFAULT;
GRANT UPDATE (sent_at) ON invitations TO berth_app;
