"""The three servers over HTTP: pages, logins, wrong questions, transient faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from cchc.period import Period
from sandbox.faults import Transient
from sandbox.province import Province
from sandbox.server import SECRETS, serve

PORTAL = {"Authorization": f"Bearer {SECRETS['portal_token']}"}
DMS = {"X-API-Key": SECRETS["dms_key"]}
CA = tuple(SECRETS["ca_login"].split(":", 1))
MARCH = {"MaDinhDanhDV": "000.22.26.H23", "TuNgay": "20230215000000", "DenNgay": "20230315000000"}
MARCH_DMS = {"from": "2023/02/15 00:00:00", "to": "2023/03/15 00:00:00"}
MARCH_CA = {"from": "2023-02-15", "to": "2023-03-15"}


@pytest.fixture(scope="module")
def urls(province: Province) -> Iterator[dict[str, str]]:
    with serve(province) as found:
        yield found


def _get(url: str, **arguments: Any) -> requests.Response:
    return requests.get(url, timeout=10, **arguments)


def test_pages_of_dossiers_cover_everything_once(urls: dict[str, str], province: Province) -> None:
    address = urls["portal"] + "/api/DongBoHoSoMC"
    codes: list[str] = []
    for page in range(1, 20):
        body = _get(address, params=MARCH | {"Trang": page, "SoBanGhi": 37}, headers=PORTAL).json()
        assert body["error_code"] == "0"
        assert all(isinstance(v, (str, list)) for row in body["data"] for v in row.values())
        codes += [row["MaHoSo"] for row in body["data"]]
        if not body["data"]:
            break
    assert len(codes) == len(set(codes)) == int(body["TongSo"]) > 100
    assert Period(2023, 3).first_date.isoformat() == "2023-02-15"


def test_pages_of_documents_cover_everything_once(urls: dict[str, str]) -> None:
    address, seen, total = urls["dms"] + "/api/documents", 0, None
    ids: list[tuple[str, str]] = []
    while total is None or seen < total:
        body = _get(address, params=MARCH_DMS | {"offset": seen, "limit": 90}, headers=DMS).json()
        total = body["total"]
        ids += [(i["DocumentId"], i["To"]["OrganId"]) for i in body["items"]]
        seen += len(body["items"])
        assert body["items"]
    assert seen == total == len(ids) == len(set(ids))


def test_pages_of_certificates_and_signatures_cover_everything_once(urls: dict[str, str]) -> None:
    for path, key in (("certificates", "SerialNumber"), ("signatures", "SignatureId")):
        found: list[str] = []
        for page in range(1, 50):
            params = MARCH_CA | {"page": page, "size": 50}
            body = _get(f"{urls['ca']}/api/{path}", params=params, auth=CA).json()
            found += [row[key] for row in body["data"]]
            if not body["data"]:
                break
        assert len(found) == len(set(found)) == body["total"] > 0


def test_the_catalogue_is_served_by_day(urls: dict[str, str]) -> None:
    params = {"MaDinhDanhDV": "000.22.26.H23", "Ngay": "20230914", "SoBanGhi": 500}
    body = _get(urls["portal"] + "/api/LayDanhSachTTHC", params=params, headers=PORTAL).json()
    assert body["TongSo"] == "139"
    assert len(body["data"]) == 139


def test_a_wrong_or_missing_login_is_refused(urls: dict[str, str]) -> None:
    dossiers, documents = urls["portal"] + "/api/DongBoHoSoMC", urls["dms"] + "/api/documents"
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": SECRETS["portal_token"]}):
        assert _get(dossiers, params=MARCH, headers=headers).status_code == 401
    for headers in ({}, {"X-API-Key": "wrong"}):
        assert _get(documents, params=MARCH_DMS, headers=headers).status_code == 401
    for login in (None, ("sandbox", "wrong")):
        assert _get(urls["ca"] + "/api/signatures", params=MARCH_CA, auth=login).status_code == 401


def test_a_sandbox_without_secrets_refuses_everybody(province: Province) -> None:
    with serve(province, secrets={}) as urls:
        for headers in ({"Authorization": "Bearer "}, {}):
            assert _get(urls["portal"] + "/api/DongBoHoSoMC", params=MARCH, headers=headers).status_code == 401
        assert _get(urls["dms"] + "/api/documents", headers={"X-API-Key": ""}).status_code == 401
        assert _get(urls["ca"] + "/api/signatures", auth=("", "")).status_code == 401


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"MaDinhDanhDV": "000.99.99.H23"}, "000.99.99.H23"),
        ({"MaDinhDanhDV": ""}, "MaDinhDanhDV"),
        ({"TuNgay": "2023-02-15"}, "TuNgay"),
        ({"TuNgay": "20230231000000"}, "TuNgay"),
        ({"DenNgay": MARCH["TuNgay"]}, "khoảng thời gian"),
        ({"Trang": "0"}, "Trang"),
        ({"SoBanGhi": "100000"}, "SoBanGhi"),
    ],
)
def test_a_wrong_parameter_is_answered_with_what_is_wrong(
    urls: dict[str, str], change: dict[str, str], named: str
) -> None:
    answer = _get(urls["portal"] + "/api/DongBoHoSoMC", params=MARCH | change, headers=PORTAL)
    assert answer.status_code == 400
    assert named in answer.json()["message"]


def test_transient_faults_strike_as_often_as_declared(urls: dict[str, str], province: Province) -> None:
    province.transient.append(Transient("portal", times=2, status=503))
    province.transient.append(Transient("portal", times=1, status=429, retry_after=1))
    try:
        address = urls["portal"] + "/api/DongBoHoSoMC"
        answers = [_get(address, params=MARCH, headers=PORTAL) for _ in range(4)]
        assert [a.status_code for a in answers] == [503, 503, 429, 200]
        assert answers[2].headers["Retry-After"] == "1"
        assert _get(urls["dms"] + "/api/documents", params=MARCH_DMS, headers=DMS).status_code == 200
    finally:
        province.transient.clear()
