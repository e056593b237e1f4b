"""Tests of agent/decide."""
