"""Pages for staff and customers, the HTTP API and the live stream."""
