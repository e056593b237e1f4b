"""Tickets, their life cycle and their story."""
