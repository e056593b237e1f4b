"""A world of one device for those who read the truth."""

from collections.abc import Sequence

from device_sim.ailments import Lived
from device_sim.truth import Deed, Visited
from device_sim.world import World


class Told(World):
    """A world whose truth is told by the test."""

    def __init__(self, *troubles: Lived, deeds: Sequence[Deed] = (), visited: Sequence[Visited] = ()) -> None:
        self.deeds = list(deeds)
        self.visited = list(visited)
        self.troubles = troubles

    def chronicle(self) -> list[tuple[str, Lived]]:
        return [("d-1", trouble) for trouble in self.troubles]
