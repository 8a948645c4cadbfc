"""What the tests of alerts share: receivers, contacts, and verdicts on disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import apprise
import pytest

from cchc.settings import MissingSecret, Secret, Settings
from expectations import channels
from expectations.alerts import alert_verdict
from expectations.contacts import DEFAULT, Contact
from expectations.deliveries import Entry, entries
from expectations.digests import digest_text, digests
from expectations.suites import all_checks
from expectations.verdicts import AgencyRows, CheckResult, Sample, Verdict, write_verdict
from tests.expectations.alerts.receivers import Mailbox, Webhook, mail_server, webhook_server
from tests.expectations.conftest import PERIOD

CHECKS = {check.id: check for check in all_checks()}
FINISHED = "fct_dossiers.finished_not_before_received"
KNOWN = "fct_documents.agency_known"
AT = datetime(2023, 4, 15, 1, 0, tzinfo=UTC)  # a Saturday morning in Vietnam
HEADINGS = "contact,role_vi,owner,agency_code,secret,escalate_to\n"
CONTACTS = (
    HEADINGS
    + """mot-cua-qn,Bộ phận Một cửa xã Quảng Nghiệp,portal,11122,alert_qn,phong-nv
mot-cua-dh,Bộ phận Một cửa xã Đại Hợp,portal,11119,alert_dh,phong-nv
to-du-lieu,Tổ dữ liệu cải cách hành chính tỉnh,data,*,alert_data,so-nv
phong-nv,Phòng Nội vụ huyện Tứ Kỳ,,,alert_phong,so-nv
so-nv,Lãnh đạo Sở Nội vụ,,,alert_so,
"""
)


@pytest.fixture
def receiver() -> Iterator[Webhook]:
    with webhook_server() as hook:
        yield hook


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(apprise.NotifyBase, "request_rate_per_sec", 0)  # seconds between two messages to one service


def secret_with(*urls: str) -> Secret:
    return secrets_of(alert_urls=", ".join(urls))


def secrets_of(**values: str) -> Secret:
    def secret(name: str) -> str:
        if name not in values:
            raise MissingSecret(name)
        return values[name]

    return secret


no_secret = secrets_of()


def letters_to(box: Mailbox) -> Secret:
    """Every contact of CONTACTS has a mail address of its own."""
    return secrets_of(**{f"alert_{who}": box.address(who) for who in ("qn", "dh", "data", "phong", "so")})


def write_contacts(settings: Settings, text: str = CONTACTS) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.contacts_file.write_text(text, encoding="utf-8")


NAMES = {"11122": "Xã Quảng Nghiệp", "11119": "Xã Đại Hợp", "30": "Tỉnh Hải Dương"}


def failing(
    check: str, rows: int = 1, outcome: str = "failed", agency: str | None = "11122", **values: str
) -> CheckResult:
    declared = CHECKS[check]
    keys = [Sample(key=f"000.22.26.H23-230320-{i:04d}", values=values) for i in range(1, min(rows, 5) + 1)]
    of = AgencyRows(agency_code=agency, name_vi=NAMES.get(agency or ""), rows=rows, samples=keys)
    return CheckResult(
        check=check,
        severity=declared.severity,
        scope=declared.scope,
        outcome=outcome,
        rows_checked=1000,
        failed_rows=rows if outcome == "failed" else 0,
        by_agency=[of] if outcome == "failed" else [],
        detail=None if outcome == "failed" else "CatalogException: no such table",
    )


def of_both(check: str, first: int, second: int) -> CheckResult:
    """A failure with rows of both communes."""
    one, other = failing(check, first), failing(check, second, agency="11119")
    return one.model_copy(update={"by_agency": one.by_agency + other.by_agency, "failed_rows": first + second})


def recorded(settings: Settings, *results: CheckResult, fingerprint: str = "f", at: datetime = AT) -> Verdict:
    return write_verdict(
        settings.audit,
        Verdict(
            period="2023-04",
            calendar="nd09",
            run="",
            evaluated_at=at,
            fingerprint=fingerprint,
            tables={},
            results=list(results),
            outcome="failed" if any(r.blocks for r in results) else "held",
        ),
    )


def told(settings: Settings, secret: Secret, *results: CheckResult, fingerprint: str = "f", at: datetime = AT) -> bool:
    verdict = recorded(settings, *results, fingerprint=fingerprint, at=at)
    return alert_verdict(verdict, PERIOD, all_checks(), settings, secret)


def text_for(verdict: Verdict, contact: Contact = DEFAULT, revision: int | None = None) -> tuple[str, str]:
    """What a contact that hears alone is told of a verdict."""
    (digest,) = digests(verdict, CHECKS, [contact])
    return digest_text(digest, verdict, PERIOD, CHECKS, due=AT.date(), revision=revision)


def ledger(settings: Settings) -> list[Entry]:
    return sorted(entries(settings), key=lambda entry: entry.message.at)
