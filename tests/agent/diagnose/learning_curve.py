"""How diagnoses of simulated faults get better with confirmed cases.

``python -m tests.agent.diagnose.learning_curve 40`` prints the figures of ``docs/diagnosis.md``: 40 devices a product,
each with every fault of its physics at four severities, told in random order; the truth is learned after each.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from random import Random

from agent.diagnose.diagnosis import Diagnosis
from agent.diagnose.experience import UNKNOWN, Lesson, added
from agent.diagnose.learned import SHADOW, TABLE, begun, first_look, judged, spoken, with_experience
from agent.diagnose.playbook import Playbook
from agent.diagnose.playbook_file import default_dir, read_playbooks
from agent.diagnose.shadow_memory import EMPTY, recalled
from agent.diagnose.signature_table import Tally
from device_sim.products.appliance import Habits, Product
from device_sim.products.catalogue import PRODUCTS
from device_sim.weather import Site
from tests.agent.diagnose.examples import seen
from tests.agent.diagnose.test_against_physics import ELSEWHERE, FAULTY_MIN, HEALTHY_MIN, MEMORY, STARTS_S, spread

PLAYBOOKS = read_playbooks(default_dir())
SEVERITIES = (0.3, 0.45, 0.6, 1.0)


@dataclass(frozen=True, slots=True)
class Shown:
    """A fault that grew to a severity, and how far it had moved each metric by then."""

    fault: str
    severity: float
    moves: dict[str, float]


def cases(product: Product, device: int, faults: frozenset[str] | None = None) -> Iterator[Shown]:
    """Yield every fault of one device at every severity, without event codes; ``faults`` ``None``: all of them."""
    chance = Random(f"{product.name}-exp-{device}")
    habits, site = Habits.drawn(chance), Site.drawn(1.0, chance)
    physics, strain = product.drawn(chance, habits), dict.fromkeys(product.weaknesses, 0.0)
    lived: dict[tuple[object, str], list[float]] = defaultdict(list)
    for minute in range(HEALTHY_MIN):
        reading = physics.step(site.minute(STARTS_S + 60.0 * minute), strain)
        for metric, value in reading.items():
            if metric != "mode":
                lived[reading["mode"], metric].append(float(value))
    usual = {key: spread(values) for key, values in lived.items()}
    for name in sorted(set(product.faults) - ELSEWHERE if faults is None else faults):
        for severity in SEVERITIES:
            body, place, short = deepcopy(physics), deepcopy(site), defaultdict[str, float](float)
            ill = strain | {weak: worst * severity for weak, worst in product.faults[name].strains.items()}
            for minute in range(HEALTHY_MIN, HEALTHY_MIN + FAULTY_MIN):
                reading = body.step(place.minute(STARTS_S + 60.0 * minute), ill)
                for metric, value in reading.items():
                    if metric != "mode":
                        mean, deviation = usual.get((reading["mode"], metric), (0.0, float("inf")))
                        short[metric] += MEMORY * ((float(value) - mean) / deviation - short[metric])
            yield Shown(name, severity, dict(short))


@dataclass(frozen=True, slots=True)
class Curve:
    """By who judged and which half of the cases: right, unsure, wrong. ``in_charge`` is who was at the end."""

    counts: dict[tuple[str, int], Counter[str]]
    in_charge: str

    def share(self, who: str, half: int, how: str) -> float:
        """Return the share of one half's cases, 0..1."""
        counted = self.counts[who, half]
        return counted[how] / max(counted.total(), 1)


def curve(playbook: Playbook, shown: list[Shown], order: int = 1) -> Curve:
    """Return how the playbook alone, the counts and the shadow did, each judged before it learns."""
    shuffled = list(shown)
    Random(order).shuffle(shuffled)
    counts: dict[tuple[str, str], Tally] = {}
    found: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    shadow, standing = recalled(EMPTY), begun()
    for place, case in enumerate(shuffled):
        half = int(place >= len(shuffled) / 2)
        evidence = seen(case.moves)
        first = first_look(evidence, playbook, 12)
        by_shadow = spoken(first.own, first.signs, playbook, counts, shadow)
        after = with_experience(first, evidence, playbook, counts).diagnosis
        found["playbook", half][_mark(_named(first.diagnosis), case.fault)] += 1
        found[TABLE, half][_mark(_named(after), case.fault)] += 1
        found[SHADOW, half][_mark(_surest(by_shadow), case.fault)] += 1
        standing = judged(
            standing,
            own=first.own,
            signs=first.signs,
            playbook=playbook,
            counts=counts,
            shadow=shadow,
            confirmed=case.fault,
        )
        shadow.learn(first.signs, [case.fault])
        for key, change in added(Lesson(case.fault), first.signs, first.own).items():
            before = counts.get(key, Tally())
            counts[key] = Tally(before.seen + change.seen, before.followed + change.followed)
    return Curve(dict(found), standing.in_charge)


def _named(diagnosis: Diagnosis) -> str | None:
    top, second = diagnosis.suspects[:2]
    ahead = top.probability - max(second.probability, diagnosis.unknown)
    return top.fault if top.probability >= 0.6 and ahead >= 0.2 else None


def _surest(chances: dict[str, float]) -> str | None:
    ranked = sorted(chances.items(), key=lambda item: -item[1])
    (name, best), (_, second) = ranked[:2]
    return name if best >= 0.6 and best - second >= 0.2 and name != UNKNOWN else None


def _mark(named: str | None, truth: str) -> str:
    return "unsure" if named is None else "right" if named == truth else "wrong"


def main() -> None:
    devices = int(sys.argv[1])
    whole: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for product in PRODUCTS.values():
        shown = [case for device in range(devices) for case in cases(product, device)]
        result = curve(PLAYBOOKS[product.name], shown)
        sys.stdout.write(f"{product.name}: {len(shown)} cases, in charge at the end: {result.in_charge}\n")
        for key, counted in result.counts.items():
            whole[key] += counted
    total = Curve(dict(whole), "")
    for who in ("playbook", TABLE, SHADOW):
        for half in (0, 1):
            shares = ", ".join(
                f"{how} {100 * total.share(who, half, how):.1f} %" for how in ("right", "unsure", "wrong")
            )
            sys.stdout.write(f"{who}, {'second' if half else 'first'} half: {shares}\n")


if __name__ == "__main__":
    main()
