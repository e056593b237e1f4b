"""Everything between us and devices: protocol, sessions, credentials and mosquitto itself."""
