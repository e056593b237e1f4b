"""Tests of agent/desk."""
