"""The four simulated products: their physics, metrics, settings and faults."""
