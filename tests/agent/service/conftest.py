"""A database file for one test."""

from tests.agent.care.conftest import database

__all__ = ["database"]
