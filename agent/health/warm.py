"""``python -m agent.health.warm`` (shell): compile the per-device model now, so that no first sample waits for it.

Where the compiled code is kept already this takes a second. ``scripts/setup`` runs it.
"""

import numpy as np

from agent.health.fleet_model import FleetModel
from agent.health.interface import Samples


def warm() -> None:
    """Step a model of its own with one sample: that compiles the loop and keeps it for every later process."""
    FleetModel().step(
        Samples(
            device=np.zeros(1, np.int32),
            at_s=np.zeros(1),
            values=np.ones((1, 1), np.float32),
            regime=np.zeros(1, np.int32),
            learn=np.ones(1, np.bool_),
        )
    )


if __name__ == "__main__":
    warm()
