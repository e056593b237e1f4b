"""Tests of the console, in process."""
