"""Alerts: sent through Apprise to the addresses of the secret `alert_urls`, recorded beside the verdict.

One alert per fault, whatever is retried: the record says what was told, through which channels, and when. With no
address set the text goes to the log and the record only. An address is a secret: a channel is named by its kind and
a few digits of a hash.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from cchc.period import Period
from cchc.settings import MissingSecret, Secret, Settings
from expectations.checks import Check
from expectations.failures import failure_text, new_columns_text
from expectations.messages import verdict_text
from expectations.verdicts import Verdict, period_folder, run_folder, verdicts_of, write_text
from expectations.waiver_words import waived_text

log = logging.getLogger(__name__)
ALERT_URLS = "alert_urls"
_BETWEEN_URLS = re.compile(r",\s*(?=[A-Za-z][A-Za-z0-9+.\-]*://)")


class Alert(BaseModel):
    """The record of one alert, `alert.json`. `channels` says of each whether it was reached; with none, the log has it."""

    model_config = ConfigDict(extra="forbid")

    about: str
    title: str
    text: str
    channels: dict[str, bool] = {}
    delivered: bool = False
    told_before_in: str | None = None
    at: datetime

    @property
    def told(self) -> bool:
        """Whether there is nobody left to tell: every configured channel was reached, or there is none."""
        return self.told_before_in is not None or all(self.channels.values())


def alert_verdict(
    verdict: Verdict,
    period: Period,
    checks: Sequence[Check],
    settings: Settings,
    secret: Secret,
    revision: int | None = None,
) -> bool:
    """Tells of a failed verdict once, and records it in the run's folder; gives whether everybody has been told.

    Nothing is sent when the run before told the same of the same content. `revision` is the published one of the period.
    """
    about = _about_verdict(verdict)
    title, text = verdict_text(verdict, period, {check.id: check for check in checks}, revision)
    before = _told_before(verdict, about, settings)
    alert = _send(about, title, text, before, secret)
    write_text(run_folder(settings.audit, verdict) / "alert.json", alert.model_dump_json(indent=2) + "\n")
    return alert.told


def alert_waivers(
    verdict: Verdict, period: Period, checks: Sequence[Check], settings: Settings, secret: Secret
) -> bool:
    """Tells once of a month that passes on waivers; gives whether everybody has been told. Never raises."""
    try:
        title, text = waived_text(verdict, period, {check.id: check for check in checks})
        used = sorted(waiver.seal for result in verdict.waived() for waiver in result.waivers)
        about = _digest("waivers", verdict.period, verdict.fingerprint, *used)
        return _tell(period_folder(settings.audit, verdict.period) / "waived", about, title, text, secret)
    except Exception:
        log.exception("the message about waivers of %s could not be sent", period)
        return False


def alert_failure(
    period: Period | str | None,
    task: str,
    error: BaseException | str,
    settings: Settings,
    secret: Secret,
    *,
    subject: str | None = None,
    months: Sequence[str] = (),
    revision: int | None = None,
    key: str | None = None,
    log_url: str | None = None,
) -> bool:
    """Tells of a step that failed and has not told itself (landing, build, publish); gives whether everybody was told.

    `task` is the step's name, `subject` what it worked on (the export), `error` the exception, whose text names the
    counts; `period` is None when the step did not get as far as naming one, or works on several `months`. `revision` is
    the published one of the period. An error that says it has alerted
    (`GateFailed.alerted`) is not told again. Calls with one `key` (the DAG run and task, say) tell once, however often
    they are repeated; without a key every call tells. Never raises: a failure to alert must not hide the failure.
    """
    if getattr(error, "alerted", False):
        return True
    month = "unnamed" if period is None else str(period)
    try:
        said = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
        title, text = failure_text(
            month, task, said, subject=subject, months=months, revision=revision, log_url=log_url
        )
        identity = key if key is not None else f"{datetime.now(UTC).isoformat()} {text}"
        about = _digest("failure", month, task, subject or "", identity)
        return _tell(period_folder(settings.audit, month) / "failures", about, title, text, secret)
    except Exception:
        log.exception("the alert about %s of %s could not be sent", task, month)
        return False


def alert_new_columns(
    period: str, export: str, profile: str, columns: Sequence[str], settings: Settings, secret: Secret
) -> bool:
    """Warns once of a set of columns that an export did not have before; gives whether everybody was told. Never raises."""
    try:
        title, text = new_columns_text(period, export, profile, columns)
        about = _digest("new columns", export, *sorted(columns))
        return _tell(settings.audit / "new_columns", about, title, text, secret)
    except Exception:
        log.exception("the warning about new columns of %s could not be sent", export)
        return False


def _tell(folder: Path, about: str, title: str, text: str, secret: Secret) -> bool:
    """Sends what has not been told yet, and records it under `folder`."""
    record = folder / about[:16] / "alert.json"
    alert = _send(about, title, text, read_alert(record), secret)
    record.parent.mkdir(parents=True, exist_ok=True)
    write_text(record, alert.model_dump_json(indent=2) + "\n")
    return alert.told


def read_alert(path: Path) -> Alert | None:
    """The record of an alert, or None where there is none or it cannot be read (then it is better to tell again)."""
    try:
        return Alert.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _about_verdict(verdict: Verdict) -> str:
    """The same fault has the same content, the same blocking checks and the same counts."""
    faults = [f"{r.check} {r.outcome} {r.failed_rows} {','.join(r.agencies)}" for r in verdict.blocking()]
    return _digest("verdict", verdict.period, verdict.fingerprint, *faults)


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def _told_before(verdict: Verdict, about: str, settings: Settings) -> Alert | None:
    """The alert of the run directly before, if it was about the same fault, with `told_before_in` naming the run that told.

    A month that was repaired and breaks again is told again.
    """
    earlier = [v for v in verdicts_of(verdict.period, settings) if int(v.run) < int(verdict.run)]
    for run in reversed(earlier):
        if _about_verdict(run) != about:
            return None
        alert = read_alert(run_folder(settings.audit, run) / "alert.json")
        if alert is not None and alert.about == about:
            return alert.model_copy(update={"told_before_in": alert.told_before_in or run.run})
    return None


def _send(about: str, title: str, text: str, before: Alert | None, secret: Secret) -> Alert:
    """Sends to the channels that have not been told yet."""
    urls = alert_urls(secret)
    told = {name for name, reached in (before.channels if before else {}).items() if reached}
    open_channels = {name: url for name, url in urls.items() if name not in told}
    now = datetime.now(UTC)
    if before is not None and not open_channels:
        return Alert(
            about=about,
            title=title,
            text=text,
            channels=dict.fromkeys(told, True),
            delivered=before.delivered,
            told_before_in=before.told_before_in or "the same key",
            at=now,
        )
    log.warning("%s\n%s", title, text)
    if not urls:
        log.warning("no alert address is set (secret %s): the alert stands in the log and its record only", ALERT_URLS)
    channels = dict.fromkeys(told, True) | {name: deliver(url, title, text) for name, url in open_channels.items()}
    for name, reached in channels.items():
        if not reached:
            log.error("alert channel %s could not be reached", name)
    return Alert(about=about, title=title, text=text, channels=channels, delivered=any(channels.values()), at=now)


def alert_urls(secret: Secret) -> dict[str, str]:
    """The configured addresses by a name that gives nothing away; empty when the secret is not set."""
    try:
        configured = secret(ALERT_URLS)
    except MissingSecret:
        return {}
    urls = [url.strip() for url in _BETWEEN_URLS.split(configured) if url.strip()]
    return {f"{_kind(url)}-{hashlib.sha256(url.encode()).hexdigest()[:8]}": url for url in urls}


def _kind(url: str) -> str:
    """The part before `://`; a text without one is no address, and may be the secret itself."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.\-]*)://", url)
    return found[1].lower() if found else "unreadable"


def deliver(url: str, title: str, text: str) -> bool:
    """Sends one message to one address; False when it was not accepted, whatever the reason."""
    import apprise

    with _silent("apprise", "urllib3", "requests"):
        try:
            channel = apprise.Apprise()
            if not channel.add(url):
                return False
            return bool(channel.notify(title=title, body=text, body_format=apprise.NotifyFormat.TEXT))
        except Exception:  # a plugin may raise anything, and its text may hold the address
            return False


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
