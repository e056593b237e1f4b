"""The table of ``amends bench model`` (shell: reads a data folder): every contender on every set.

Sets a folder does not hold are left out. Settings are the same for all sets.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np

from agent.bench import error_log, nab_score, wear
from agent.bench.contenders import CONTENDERS, Contender, Verdict
from agent.bench.events import (
    Truth,
    average_precision,
    best_f1,
    recall_within,
    score_alarms,
    score_thresholds,
    truth_of,
)
from agent.bench.recordings import Recording, read_recording
from agent.bench.row import Row
from agent.diagnose.contest import Contest, Learner
from agent.diagnose.shadows import RiverLearner, logistic
from agent.diagnose.signature_table import SignatureTable

EVENT_SETS = ("asd", "smd", "smap", "msl", "nab")
WEAR_SETS = ("cmapss_fd001", "cmapss_fd002", "cmapss_fd003", "cmapss_fd004")
WEAR_CONTEXT = ("setting_1", "setting_2", "setting_3")
LEARNERS: dict[str, Callable[[], Learner]] = {
    "signature table": SignatureTable,
    "river LogisticRegression": lambda: RiverLearner(logistic),
    "table, and river in its shadow": lambda: Contest({"table": SignatureTable(), "river": RiverLearner(logistic)}),
}


def measure(folder: Path, names: tuple[str, ...] = tuple(CONTENDERS)) -> Iterator[Row]:
    """Run the contenders on every set of the folder; rows come as they are ready.

    Raises:
        KeyError: no contender of that name.
    """
    for dataset in EVENT_SETS:
        if (folder / dataset / "labels.parquet").exists():
            recording = read_recording(folder / dataset)
            for name in names:
                yield Row(name, dataset, event_figures(recording, CONTENDERS[name]))
    for dataset in WEAR_SETS:
        if (folder / dataset / "failures.parquet").exists():
            recording = read_recording(folder / dataset, WEAR_CONTEXT)
            for name in names:
                yield Row(name, dataset, wear_figures(recording, CONTENDERS[name]))
    log = folder / "azure_pdm" / "events.parquet"
    if log.exists():
        for learner, make in LEARNERS.items():
            yield Row(learner, "azure_pdm", log_figures(error_log.read_log(log), make()))


def event_figures(recording: Recording, contender: Contender) -> dict[str, float]:
    """Return what a contender reaches on labelled events."""
    truth = truth_of(recording)
    verdict = contender(recording)
    onset = verdict.onset[recording.scored]
    inside = truth.event >= 0
    scores = score_thresholds(truth, onset)
    best = best_f1(scores)
    figures = {
        "auc_pr_onset": average_precision(onset, inside),
        "auc_pr_state": average_precision(verdict.state[recording.scored], inside),
        "event_f1": best.f1,
        "events": best.events,
        "found": best.found,
        "false_per_day": best.false_per_day,
        "recall_at_1_per_day": recall_within(scores, 1.0),
    }
    if verdict.alarm is not None:
        kept = score_alarms(truth, verdict.alarm[recording.scored])
        figures |= {"budget_false_per_day": kept.false_per_day, "budget_recall": kept.recall}
    if recording.name == "nab":
        worth = nab_score.worth_of(recording)
        for profile in nab_score.Profile:
            figures[f"nab_{profile}"] = nab_score.score_corpus(worth, onset, profile).score
    explained = explained_share(recording, truth, verdict, best.threshold)
    return figures if explained is None else figures | {"explained": explained}


def explained_share(recording: Recording, truth: Truth, verdict: Verdict, threshold: float) -> float | None:
    """Return the share of found events explained most by a labelled metric; None: labels name no metrics."""
    if verdict.because is None or not any(window.metrics for window in recording.windows):
        return None
    because = verdict.because[recording.scored]
    crossed = np.flatnonzero(verdict.onset[recording.scored] >= threshold)
    first = {int(truth.event[row]): row for row in crossed[::-1] if truth.event[row] >= 0}
    right = [int(np.abs(because[row]).argmax()) in recording.windows[event].metrics for event, row in first.items()]
    return float(np.mean(right)) if right else 0.0


def wear_figures(recording: Recording, contender: Contender) -> dict[str, float]:
    """Return how long before failure a contender finds each machine: by its drift, or by its onset when it has none."""
    verdict = contender(recording)
    score = verdict.drift if verdict.drift.any() else verdict.onset
    return asdict(wear.score_wear(recording, score))


def log_figures(log: list[error_log.Entry], learner: Learner) -> dict[str, float]:
    """Return what a learner foresees from an error log."""
    scores = error_log.foresights(log, error_log.replay(log, learner.learn, learner.predict))
    figures: dict[str, float] = {}
    for allowed, name in ((0.1, "strict"), (2.0, "loose")):
        best = error_log.best_within(scores, allowed)
        figures |= {f"recall_{name}": best.recall, f"precision_{name}": best.precision}
        figures[f"false_per_month_{name}"] = best.false_per_month
    return figures
