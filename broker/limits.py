"""What protocol v1 allows in size and number (pure): one table, checked against ``docs/devices.md`` by a test."""

from typing import Final

MAX_PAYLOAD_BYTES: Final = 256 * 1024
MAX_SAMPLES: Final = 1_000
"""Samples in one telemetry message."""
MAX_METRICS: Final = 128
"""Metrics of one device, context metrics included."""
MAX_NAME_CHARS: Final = 64
"""Longest device id, metric name, verb, boot id, product, firmware or serial."""
MAX_TEXT_CHARS: Final = 512
"""Longest free text of an event or a result."""
MAX_COMMENT_CHARS: Final = 2_000
"""Longest comment of a rating, and longest text of a notice."""
MAX_CONTEXT_CHARS: Final = 64
"""Longest string value of a context metric, and longest unit."""
MAX_VERBS: Final = 64
"""Commands a device may offer, and arguments of one command."""
MAX_MAGNITUDE: Final = 3.4e38
"""Largest absolute reading. Models compute in single precision; what would become infinite there is not finite."""
MAX_SEQ: Final = 2**53 - MAX_SAMPLES
"""Largest sequence number: what every JSON implementation still counts exactly."""
