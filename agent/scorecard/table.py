"""The page for a terminal (pure)."""

from rich.table import Table

from agent.scorecard.figures import Scorecard
from agent.scorecard.rows import ROWS, contenders, headline


def table(card: Scorecard) -> Table:
    """Return the scorecard as a table: a row a figure, a column a contender."""
    made = Table(title=headline(card), title_justify="left", box=None, pad_edge=False)
    made.add_column("")
    made.add_column("better", style="dim")
    named = contenders(card)
    for name in named:
        made.add_column(name, justify="right")
    for row in ROWS:
        made.add_row(row.title, row.better, *(row.written(figures) for figures in named.values()))
    return made
