"""What the agent keeps an eye on while it runs: losses at the broker, looks that fail, what is left of the disk."""
