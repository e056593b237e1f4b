"""Owners: consent, messages, channels, timing and ratings."""
