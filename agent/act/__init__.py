"""Commands: recorded, sent once, answered, verified."""
