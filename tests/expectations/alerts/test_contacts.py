"""contacts.csv: who hears of what; a fault of the file is named by line and column, and never silences an alert."""

from __future__ import annotations

import pytest

from cchc.settings import Settings
from expectations.checks import DATA_OWNER, OFFICE_OWNER, OWNERS, PORTAL_OWNER
from expectations.contacts import DEFAULT, ContactsUnreadable, chain, contacts, responsible
from tests.expectations.alerts.conftest import (
    CHECKS,
    CONTACTS,
    FINISHED,
    HEADINGS,
    failing,
    secret_with,
    told,
    write_contacts,
)
from tests.expectations.alerts.receivers import Webhook

GOOD = "mot-cua,Bộ phận Một cửa,portal,11122,alert_qn,\n"


def changed(old: str, new: str) -> str:
    return HEADINGS + GOOD.replace(old, new)


def test_without_a_file_the_data_team_hears_of_everything(configured: Settings):
    assert contacts(configured) == [DEFAULT]
    assert (DEFAULT.secret, DEFAULT.role_vi) == ("alert_urls", DATA_OWNER)
    assert all(DEFAULT.answers_for(owner, agency) for owner in OWNERS.values() for agency in ("11122", None))


def test_lines_of_one_contact_are_one_contact_with_several_duties(configured: Settings):
    write_contacts(configured, HEADINGS + GOOD + GOOD.replace("portal,11122", "office,11119"))

    (contact,) = contacts(configured)

    assert contact.duties == (("portal", "11122"), ("office", "11119"))
    assert contact.answers_for(PORTAL_OWNER, "11122")
    assert contact.answers_for(OFFICE_OWNER, "11119")
    assert not contact.answers_for(PORTAL_OWNER, "11119")
    assert not contact.answers_for(PORTAL_OWNER, None)
    assert not contact.is_data_team


def test_what_is_nobodys_is_the_data_teams_and_without_one_goes_to_alert_urls(configured: Settings):
    write_contacts(configured)
    known = contacts(configured)

    assert [c.id for c in responsible(known, PORTAL_OWNER, "11122")] == ["mot-cua-qn"]
    assert [c.id for c in responsible(known, OFFICE_OWNER, "11122")] == ["to-du-lieu"]
    assert [c.id for c in responsible(known, PORTAL_OWNER, None)] == ["to-du-lieu"]
    assert responsible(known[:2], OFFICE_OWNER, "11122") == [DEFAULT]


def test_every_agency_means_those_with_someone_of_their_own_too(configured: Settings):
    write_contacts(configured, CONTACTS + "mot-cua-tinh,Trung tâm Phục vụ hành chính công tỉnh,portal,*,alert_tinh,\n")

    assert [c.id for c in responsible(contacts(configured), PORTAL_OWNER, "11122")] == ["mot-cua-qn", "mot-cua-tinh"]


def test_those_above_are_named_nearest_first_and_who_has_none_is_reminded_itself(configured: Settings):
    write_contacts(configured)
    known = contacts(configured)

    assert [c.id for c in chain(known[0], known)] == ["phong-nv", "so-nv"]
    assert [c.id for c in chain(known[-1], known)] == ["so-nv"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("contact,role\nx,y\n", "line 1: the columns must be contact,role_vi,owner", id="headings"),
        pytest.param(HEADINGS + "mot-cua,Một cửa,portal\n", "line 2: there must be 6 cells", id="too few cells"),
        pytest.param(
            changed("portal", "ga"), "line 2: column owner: found 'ga'; write one of portal, office", id="owner"
        ),
        pytest.param(changed("11122", "xã"), "line 2: column agency_code: found 'xã'", id="agency"),
        pytest.param(changed("mot-cua,", "Một cửa,"), "line 2: column contact: write a short name", id="id"),
        pytest.param(changed("Bộ phận", "0912 345 678"), "line 2: column role_vi: write the office", id="person"),
        pytest.param(changed("11122", ""), "line 2: owner and agency_code: fill in both", id="half a duty"),
        pytest.param(
            HEADINGS + GOOD + GOOD.replace("_qn", "_x"),
            "line 3: column secret: mot-cua has another one",
            id="two secrets",
        ),
        pytest.param(
            changed("qn,", "qn,sep"), "escalate_to of mot-cua is 'sep', which is no contact", id="nobody above"
        ),
        pytest.param(changed("qn,", "qn,mot-cua"), "leads back to mot-cua", id="circle"),
        pytest.param(HEADINGS, "has no row", id="empty"),
    ],
)
def test_a_fault_of_the_file_is_named_with_what_to_write(text: str, says: str, configured: Settings):
    write_contacts(configured, text)

    with pytest.raises(ContactsUnreadable) as raised:
        contacts(configured)

    assert says in str(raised.value)
    assert "contacts.csv" in str(raised.value)


def test_a_file_in_another_encoding_is_refused_in_words(configured: Settings):
    write_contacts(configured)
    configured.contacts_file.write_bytes(CONTACTS.encode("utf-16"))

    with pytest.raises(ContactsUnreadable, match="no CSV file in UTF-8"):
        contacts(configured)


@pytest.mark.parametrize(
    "text",
    [
        HEADINGS + GOOD.replace("alert_qn", "mailto://u:tokenAbC123@mail.vn"),
        "mot-cua,Một cửa,portal,11122,mailto://u:tokenAbC123@mail.vn,\n",
    ],
)
def test_an_address_in_the_file_is_refused_and_not_repeated(text: str, configured: Settings):
    write_contacts(configured, text)

    with pytest.raises(ContactsUnreadable) as raised:
        contacts(configured)

    assert "tokenAbC123" not in str(raised.value)


def test_a_broken_file_silences_nobody(configured: Settings, receiver: Webhook, caplog: pytest.LogCaptureFixture):
    write_contacts(configured, HEADINGS)

    assert told(configured, secret_with(receiver.url), failing(FINISHED))

    assert len(receiver.messages) == 1
    assert "contacts.csv has no row" in caplog.text


def test_every_owner_of_a_check_can_be_named_in_the_file():
    assert {check.owner for check in CHECKS.values()} <= set(OWNERS.values())


def test_what_other_people_than_the_data_team_are_asked_to_do_holds_no_command():
    for check in CHECKS.values():
        if check.owner != DATA_OWNER:
            assert "cchc" not in check.action_vi, check.id
            assert "lệnh" not in check.action_vi, check.id
