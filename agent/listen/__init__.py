"""From the socket to the journal, and only then acknowledged."""
