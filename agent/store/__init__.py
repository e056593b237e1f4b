"""The database, its tables and migrations, the journal and snapshots."""
