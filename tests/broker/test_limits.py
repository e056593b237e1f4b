from pathlib import Path

from broker.limits import MAX_METRICS, MAX_PAYLOAD_BYTES, MAX_SAMPLES

DEVICES_PAGE = Path(__file__).parents[2] / "docs" / "devices.md"


def test_the_documents_state_the_limits_that_hold() -> None:
    stated = (
        f"{MAX_PAYLOAD_BYTES // 1024} KiB a payload, {MAX_SAMPLES:,} samples a message, {MAX_METRICS} metrics a device"
    )

    assert stated in DEVICES_PAGE.read_text(encoding="utf-8").replace("\n", " ")
