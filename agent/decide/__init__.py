"""What to do next about a ticket, and what may forbid it."""
