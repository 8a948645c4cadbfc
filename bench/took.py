"""What something took: seconds on the clock, and processor seconds, which a machine that does other work falsifies less."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil


@dataclass
class Took:
    """Seconds on the clock; `processor`: of all threads of the process and of its children, those that ended included."""

    seconds: float = 0.0
    processor: float = 0.0

    def __add__(self, other: Took) -> Took:
        return Took(self.seconds + other.seconds, self.processor + other.processor)

    def __sub__(self, other: Took) -> Took:
        return Took(self.seconds - other.seconds, self.processor - other.processor)


@contextmanager
def timed() -> Iterator[Took]:
    """Gives a Took that is filled in when the block ends."""
    took, before = Took(), _now()
    yield took
    spent = _now() - before
    took.seconds, took.processor = spent.seconds, spent.processor


def _now() -> Took:
    this = psutil.Process()
    used = (one.cpu_times() for one in (this, *this.children(recursive=True)))
    return Took(time.perf_counter(), sum(t.user + t.system + t.children_user + t.children_system for t in used))
