"""Technicians, slots, visits and their calendar invitations."""
