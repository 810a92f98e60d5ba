-- Who changes what draws from an inventory locks it, which needs the right to change something of it.

GRANT UPDATE (name) ON inventories TO berth_app;
