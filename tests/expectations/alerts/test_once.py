"""Each fault is told once to each contact, whatever is retried."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from cchc.settings import Settings
from expectations.alerts import alert_verdict
from expectations.suites import all_checks
from tests.expectations.alerts.conftest import (
    FINISHED,
    failing,
    ledger,
    letters_to,
    no_secret,
    of_both,
    recorded,
    secret_with,
    told,
    write_contacts,
)
from tests.expectations.alerts.receivers import Mailbox, Webhook
from tests.expectations.conftest import PERIOD


def test_a_repeated_audit_of_the_same_fault_tells_once(configured: Settings, receiver: Webhook):
    for _ in range(3):
        assert told(configured, secret_with(receiver.url), failing(FINISHED))

    assert len(receiver.messages) == 1
    (entry,) = ledger(configured)
    assert entry.message.run == "0001"


def test_another_fault_and_a_fault_that_came_back_are_told_again(configured: Settings, receiver: Webhook):
    secret = secret_with(receiver.url)
    told(configured, secret, failing(FINISHED), fingerprint="bad")
    told(configured, secret, failing(FINISHED, 2), fingerprint="worse")
    recorded(configured, fingerprint="repaired")
    told(configured, secret, failing(FINISHED, 2), fingerprint="worse")

    assert len(receiver.messages) == 3


def test_another_build_of_the_same_faulty_rows_is_no_other_fault(configured: Settings, receiver: Webhook):
    for fingerprint in ("bad", "bad as well"):
        told(configured, secret_with(receiver.url), failing(FINISHED), fingerprint=fingerprint)

    assert len(receiver.messages) == 1


def test_who_is_not_concerned_by_a_change_is_not_told_again(configured: Settings, mailbox: Mailbox):
    write_contacts(configured)
    told(configured, letters_to(mailbox), of_both(FINISHED, 3, 2))
    told(configured, letters_to(mailbox), of_both(FINISHED, 3, 1))

    assert (len(mailbox.to("qn")), len(mailbox.to("dh"))) == (1, 2)


def test_two_processes_at_once_tell_once(configured: Settings, receiver: Webhook):
    verdict = recorded(configured, failing(FINISHED))

    def tell(_: int) -> bool:
        return alert_verdict(verdict, PERIOD, all_checks(), configured, secret_with(receiver.url))

    with ThreadPoolExecutor(max_workers=4) as pool:
        assert all(pool.map(tell, range(4)))

    assert len(receiver.messages) == 1


def test_a_line_that_a_crash_tore_is_passed_over_and_the_ledger_goes_on(configured: Settings, receiver: Webhook):
    told(configured, no_secret, failing(FINISHED))
    (path,) = (configured.audit / "deliveries").rglob("*.jsonl")
    with path.open("a", encoding="utf-8") as file:
        file.write('{"channel":"json-1234","outco')

    assert told(configured, secret_with(receiver.url), failing(FINISHED))
    assert told(configured, secret_with(receiver.url), failing(FINISHED))

    assert len(receiver.messages) == 1
    assert [attempt.outcome for attempt in ledger(configured)[0].attempts] == ["no_address", "delivered"]


def test_what_was_told_is_never_written_over(configured: Settings, receiver: Webhook):
    receiver.status = 503
    told(configured, secret_with(receiver.url), failing(FINISHED))
    (path,) = (configured.audit / "deliveries").rglob("*.jsonl")
    before = path.read_bytes()
    receiver.status = 200
    told(configured, secret_with(receiver.url), failing(FINISHED))

    assert path.read_bytes().startswith(before)
    assert path.read_bytes() != before
