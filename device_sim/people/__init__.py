"""The people around the simulated devices: owners, technicians, what they say and do."""
