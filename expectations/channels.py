"""Delivery through Apprise. An address is a secret: a channel is named by its kind and a few digits of a hash."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tenacity import RetryError, Retrying, retry_if_result, stop_after_attempt, wait_exponential

from cchc.settings import MissingSecret, Secret

log = logging.getLogger(__name__)
TRIES = 3
WAIT_SECONDS = 0.5  # before the second try, twice as long before the third
# What one run may spend on channels that are down, and on sending at all: the rest is left to the next run, so that the
# failure is not kept waiting.
IN_VAIN_SECONDS, SENDING_SECONDS = 120.0, 900.0
_BETWEEN_URLS = re.compile(r",\s*(?=[A-Za-z][A-Za-z0-9+.\-]*://)")


@dataclass
class Budget:
    """The time that one run may spend on sending, and what it has spent on channels that did not take a message."""

    until: float
    in_vain: float = 0.0

    @classmethod
    def of_run(cls) -> Budget:
        return cls(monotonic() + SENDING_SECONDS)

    @property
    def is_spent(self) -> bool:
        return monotonic() >= self.until or self.in_vain >= IN_VAIN_SECONDS


def addresses(secret_name: str, secret: Secret) -> dict[str, str]:
    """The addresses that a secret holds by a name that gives nothing away; empty when the secret is not set."""
    try:
        configured = secret(secret_name)
    except MissingSecret:
        return {}
    urls = [url.strip() for url in _BETWEEN_URLS.split(configured) if url.strip()]
    return {f"{_kind(url)}-{hashlib.sha256(url.encode()).hexdigest()[:8]}": url for url in urls}


def _kind(url: str) -> str:
    """The part before `://`; a text without one is no address, and may be the secret itself."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.\-]*)://", url)
    return found[1].lower() if found else "unreadable"


def deliver(url: str, title: str, text: str, files: Sequence[Path], budget: Budget) -> tuple[bool, int]:
    """Sends one message to one address; whether it was accepted, and in how many tries. Never raises."""
    started = monotonic()
    accepted, tries = _deliver(url, title, text, files, budget)
    if not accepted:
        budget.in_vain += monotonic() - started
    return accepted, tries


def _deliver(url: str, title: str, text: str, files: Sequence[Path], budget: Budget) -> tuple[bool, int]:
    import apprise

    with _silent("apprise", "urllib3", "requests"):
        try:
            channel = apprise.Apprise()
            if not channel.add(url):
                return False, 1
            if "overflow=" not in url:
                for service in channel:  # else a text longer than the service takes would be refused again and again
                    service.overflow_mode = apprise.OverflowMode.SPLIT
            attached = [str(path) for path in files if path.exists()]

            def attempt() -> bool:
                return bool(
                    channel.notify(
                        title=title, body=text, body_format=apprise.NotifyFormat.TEXT, attach=attached or None
                    )
                )

            retrying = Retrying(
                retry=retry_if_result(lambda accepted: not accepted),
                stop=lambda state: stop_after_attempt(TRIES)(state) or budget.is_spent,
                wait=wait_exponential(multiplier=WAIT_SECONDS),
            )
            accepted = retrying(attempt)
            return accepted, int(retrying.statistics["attempt_number"])
        except RetryError as error:
            return False, error.last_attempt.attempt_number
        except Exception:  # a plugin may raise anything, and its text may hold the address
            return False, 1


@contextmanager
def _silent(*names: str) -> Iterator[None]:
    """Keeps libraries that log addresses quiet."""
    loggers = [logging.getLogger(name) for name in names]
    loggers += [
        logger
        for child, logger in logging.root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger) and child.startswith(tuple(f"{name}." for name in names))
    ]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled
