"""Where log lines go and how they look (shell): one line an event, on standard error.

On a terminal a person reads them; anywhere else they are JSON, a line each, for machines.
"""

import logging
import sys
from typing import TextIO

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer


def set_up_logs(stream: TextIO = sys.stderr, level: int = logging.INFO) -> None:
    """Send every log line of this process to ``stream``; lines of libraries only from warnings up."""
    logging.basicConfig(stream=stream, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s", force=True)
    # A look at what is due that is still going on when the next one is: expected, and said for every one of them.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    for_people = stream.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if for_people else "iso", utc=not for_people),
            structlog.processors.StackInfoRenderer(),
            # Never the local variables of a trace: they hold owners' links and people's words.
            *([] if for_people else [ExceptionRenderer(ExceptionDictTransformer(show_locals=False))]),
            ConsoleRenderer(exception_formatter=plain_traceback) if for_people else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
