"""Channels: a service that is down is tried again and hides nothing; an address is in no log and no file."""

from __future__ import annotations

import logging
from time import monotonic

import pytest

from cchc.settings import Settings
from expectations import channels
from expectations.channels import Budget, addresses
from tests.expectations.alerts.conftest import FINISHED, failing, ledger, no_secret, secret_with, told
from tests.expectations.alerts.receivers import Mailbox, Webhook


def test_one_message_is_delivered_and_recorded(configured: Settings, receiver: Webhook):
    assert told(configured, secret_with(receiver.url), failing(FINISHED))

    (message,) = receiver.messages
    assert "04/2023" in message["title"]
    assert "Xã Quảng Nghiệp (11122): 1 hồ sơ" in message["message"]
    (entry,) = ledger(configured)
    assert (entry.message.kind, entry.message.run, entry.message.contact) == ("verdict", "0001", "alert_urls")
    assert [(attempt.outcome, attempt.tries) for attempt in entry.attempts] == [("delivered", 1)]


def test_a_webhook_that_answers_500_then_200_is_told_in_one_run(configured: Settings, receiver: Webhook):
    receiver.answers = [500, 502]

    assert told(configured, secret_with(receiver.url), failing(FINISHED))

    assert (len(receiver.messages), receiver.calls) == (1, 3)
    assert [attempt.tries for attempt in ledger(configured)[0].attempts] == [3]


def test_a_channel_that_was_down_is_told_by_the_next_run_and_the_others_are_not_told_twice(
    configured: Settings, receiver: Webhook, mailbox: Mailbox
):
    secret = secret_with(receiver.url, mailbox.address("data"))
    mailbox.is_down = True
    assert not told(configured, secret, failing(FINISHED))
    assert (len(receiver.messages), mailbox.calls) == (1, channels.TRIES)
    mailbox.is_down = False

    assert told(configured, secret, failing(FINISHED))
    assert told(configured, secret, failing(FINISHED))

    assert (len(receiver.messages), len(mailbox.letters)) == (1, 1)
    (entry,) = ledger(configured)
    outcomes = [attempt.outcome for attempt in entry.attempts]
    assert sorted(outcomes) == ["delivered", "delivered", "not_reached"]


def test_one_run_spends_a_bounded_time_on_channels_that_are_down(
    configured: Settings, monkeypatch: pytest.MonkeyPatch, receiver: Webhook
):
    monkeypatch.setattr(channels, "IN_VAIN_SECONDS", 0.001)
    secret = secret_with("json://127.0.0.1:9/down", receiver.url)

    assert not told(configured, secret, failing(FINISHED))

    assert receiver.calls == 0
    assert [attempt.outcome for attempt in ledger(configured)[0].attempts] == ["not_reached", "postponed"]
    assert told(configured, secret_with(receiver.url), failing(FINISHED))
    assert len(receiver.messages) == 1


def test_no_try_follows_when_the_time_is_spent(receiver: Webhook):
    receiver.status = 503

    assert channels.deliver(receiver.url, "title", "text", [], Budget(monotonic() - 1)) == (False, 1)
    assert receiver.calls == 1


def test_without_an_address_the_alert_stands_in_log_and_ledger(configured: Settings, caplog: pytest.LogCaptureFixture):
    assert told(configured, no_secret, failing(FINISHED))

    assert FINISHED in caplog.text
    (entry,) = ledger(configured)
    assert [attempt.outcome for attempt in entry.attempts] == ["no_address"]


def test_an_address_set_after_the_first_alert_is_told(configured: Settings, receiver: Webhook):
    told(configured, no_secret, failing(FINISHED))
    told(configured, secret_with(receiver.url), failing(FINISHED))

    assert len(receiver.messages) == 1


@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1:9/tokenAbC123",
        "mailto://user:tokenAbC123@127.0.0.1:9?from=a@tokenAbC123.vn&to=b@tokenAbC123.vn",
        "nonsense://tokenAbC123",
        "tokenAbC123",
    ],
)
def test_an_address_never_reaches_a_log_or_a_file(
    url: str, configured: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    caplog.set_level(logging.DEBUG)

    assert not told(configured, secret_with(url), failing(FINISHED))

    written = "".join(path.read_text(encoding="utf-8") for path in configured.home.rglob("*") if path.is_file())
    out, err = capfd.readouterr()
    assert "tokenabc123" not in (caplog.text + written + out + err).lower()
    assert "could not be reached" in caplog.text


def test_an_address_that_is_reached_never_reaches_a_log_or_a_file_either(
    configured: Settings, mailbox: Mailbox, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    caplog.set_level(logging.DEBUG)

    assert told(configured, secret_with(mailbox.address("so-noi-vu")), failing(FINISHED))

    written = "".join(path.read_text(encoding="utf-8") for path in configured.home.rglob("*") if path.is_file())
    out, err = capfd.readouterr()
    assert len(mailbox.to("so-noi-vu")) == 1
    assert "example.vn" not in caplog.text + written + out + err


def test_addresses_are_split_at_commas_before_an_address_only():
    urls = addresses("alert_urls", secret_with("mailto://a:b@mail.vn?to=x@y.vn,z@y.vn", "json://127.0.0.1/a"))

    assert list(urls.values()) == ["mailto://a:b@mail.vn?to=x@y.vn,z@y.vn", "json://127.0.0.1/a"]
    assert [name.partition("-")[0] for name in urls] == ["mailto", "json"]


def test_a_text_longer_than_a_service_takes_arrives_in_parts(configured: Settings, mailbox: Mailbox):
    many = [f"Xã {number}" for number in range(6000)]
    text = "\n".join(many)

    accepted, _ = channels.deliver(mailbox.address("data"), "title", text, [], Budget.of_run())

    assert accepted
    assert len(mailbox.letters) > 1
    heard = "\n".join(letter.text for letter in mailbox.letters)
    assert [name for name in (many[0], many[2999], many[-1]) if name not in heard] == []
