"""Every sample as Parquet that anybody's tools open: written from the journal, rolled up, read, exported, erased."""
