"""The per-device model run over recorded history: what it would have done, before it is trusted with the present."""
