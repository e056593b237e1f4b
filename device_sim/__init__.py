"""Simulated appliances and their owners, over real MQTT."""
