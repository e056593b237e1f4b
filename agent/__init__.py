"""The support agent: it notices, fixes, proves, tells, asks and learns."""
