"""Looks at everything amends stands on, and says what to mend."""
