"""From findings to faults, with evidence in words."""
