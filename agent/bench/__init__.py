"""Measures the model against baselines on public recordings."""
