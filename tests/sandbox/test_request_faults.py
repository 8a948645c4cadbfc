"""Faults that strike between the requests of one read, over HTTP: rows that move, a page twice, a login that expires."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.faults import TokenExpires
from sandbox.paging_faults import PageTwice, RowsMove
from sandbox.province import Province
from sandbox.server import SECRETS, serve

PORTAL = {"Authorization": f"Bearer {SECRETS['portal_token']}"}
OPENCPS = {"Token": SECRETS["opencps_token"], "groupId": "35166"}
CLIENT = {"grant_type": "client_credentials", "client_id": "kho", "client_secret": SECRETS["portal_token"]}
MARCH = {"MaDinhDanhDV": "000.22.26.H23", "TuNgay": "20230215000000", "DenNgay": "20230315000000", "SoBanGhi": 30}


@pytest.fixture(scope="module")
def running(province: Province) -> Iterator[tuple[Province, dict[str, str]]]:
    with serve(province) as found:
        yield province, found


@pytest.fixture
def shop(running: tuple[Province, dict[str, str]]) -> Iterator[tuple[Province, dict[str, str]]]:
    yield running
    running[0].repair()
    running[0].transient.clear()


def _page(urls: dict[str, str], number: int, headers: dict[str, str] = PORTAL) -> requests.Response:
    address = urls["portal"] + "/api/DongBoHoSoMC"
    return requests.get(address, params=MARCH | {"Trang": number}, headers=headers, timeout=10)


def _codes(urls: dict[str, str], number: int) -> list[str]:
    return [row["MaHoSo"] for row in _page(urls, number).json()["data"]]


def _total(urls: dict[str, str]) -> int:
    return int(_page(urls, 1).json()["TongSo"])


def test_a_row_that_arrives_between_two_pages_pushes_one_onto_the_next(shop: tuple[Province, dict[str, str]]) -> None:
    province, urls = shop
    total, sound = _total(urls), [_codes(urls, n) for n in (1, 2)]
    province.poison(RowsMove("11122", "2023-03"))
    first, second = _codes(urls, 1), _codes(urls, 2)
    assert first == sound[0]
    assert second == [sound[0][-1], *sound[1][:-1]]
    assert _total(urls) == total + 1
    again = _codes(urls, 1)
    assert again[1:] == sound[0][:-1]
    assert again[0] not in sound[0]
    assert _codes(urls, 2) == second  # what has arrived stays


def test_rows_go_on_moving_as_often_as_declared_under_a_total_that_stays(shop: tuple[Province, dict[str, str]]) -> None:
    province, urls = shop
    total = _total(urls)
    province.poison(RowsMove("11122", "2023-03", count=2, times=2, total_stays=True))
    heads = [_codes(urls, 1)[0] for _ in range(5)]
    assert heads[0] != heads[1] != heads[2] == heads[3] == heads[4]
    assert _total(urls) == total


def test_opencps_rows_move_as_well(shop: tuple[Province, dict[str, str]]) -> None:
    province, urls = shop
    window = {"agency": "000.22.26.H23", "fromStatisticDate": "15/02/2023", "toStatisticDate": "14/03/2023"}
    province.poison(RowsMove("11122", "2023-03", of="opencps_dossiers"))

    def codes(start: int, end: int) -> list[str]:
        params: dict[str, Any] = window | {"start": start, "end": end}
        address = urls["opencps"] + "/o/rest/v2/dossiers"
        body = requests.get(address, params=params, headers=OPENCPS, timeout=10).json()
        return [row["dossierNo"] for row in body["data"]]

    assert codes(0, 20)[-1] == codes(20, 40)[0]


def test_a_page_is_served_again_in_place_of_the_next_one(shop: tuple[Province, dict[str, str]]) -> None:
    province, urls = shop
    sound = [_codes(urls, n) for n in (1, 2, 3, 4)]
    province.poison(PageTwice("11122", "2023-03", page=2))
    assert [_codes(urls, n) for n in (1, 2, 3, 4)] == [sound[0], sound[1], sound[1], sound[3]]
    assert _codes(urls, 3) == sound[2]  # once
    province.poison(PageTwice("11122", "2023-03", page=1, times=None))
    assert [_codes(urls, 2), _codes(urls, 2)] == [sound[0], sound[0]]


def test_a_token_expires_and_another_one_is_given_for_the_client_secret(shop: tuple[Province, dict[str, str]]) -> None:
    province, urls = shop
    province.transient.append(TokenExpires("portal", after=2))

    def renewed() -> dict[str, str]:
        answer = requests.post(urls["portal"] + "/oauth/token", data=CLIENT, timeout=10).json()
        assert answer["token_type"] == "Bearer"
        return {"Authorization": f"Bearer {answer['access_token']}"}

    first = renewed()
    assert [_page(urls, n, first).status_code for n in (1, 2, 3)] == [200, 200, 401]
    second = renewed()
    assert second != first
    assert [_page(urls, n, second).status_code for n in (3, 4, 5)] == [200, 200, 401]
    assert [_page(urls, n).status_code for n in (1, 2, 3)] == [200, 200, 401]  # a fixed one is dead
    province.transient.clear()
    assert _page(urls, 1).status_code == 200


def test_a_token_is_given_to_the_right_client_only(shop: tuple[Province, dict[str, str]]) -> None:
    address = shop[1]["portal"] + "/oauth/token"
    grant = {"grant_type": "client_credentials"}
    basic = ("kho", SECRETS["portal_token"])
    assert requests.post(address, data=grant, auth=basic, timeout=10).status_code == 200
    assert requests.post(address, data=grant, auth=("kho", "sai"), timeout=10).status_code == 401
    assert requests.post(address, data=CLIENT | {"client_secret": "sai"}, timeout=10).status_code == 401
    assert requests.post(address, data=CLIENT | {"grant_type": "password"}, timeout=10).status_code == 400


def test_a_province_without_a_secret_gives_no_token(province: Province) -> None:
    with serve(province, secrets={}) as urls:
        answer = requests.post(urls["portal"] + "/oauth/token", data=CLIENT | {"client_secret": ""}, timeout=10)
        assert answer.status_code == 401
