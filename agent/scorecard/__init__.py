"""Virtual time: the agent against doing nothing and against fixed thresholds, in the same simulated lives."""
