from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ingest.contracts import CONTRACTS
from ingest.errors import ProfileError
from ingest.profile import SHIPPED, load_exports, load_profile

SHIPPED_NAMES = sorted(p.stem for p in SHIPPED.glob("*.yaml"))


def changed(tmp_path: Path, name: str, change) -> Path:
    content = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))
    change(content)
    path = tmp_path / "changed.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def test_the_shipped_profiles_cover_portal_documents_and_certificates():
    exports = {name: set(load_profile(SHIPPED / f"{name}.yaml").exports) for name in SHIPPED_NAMES}
    assert {"dvcqg", "opencps", "onestop_xlsx", "onestop_csv", "qcvn102_dms", "ca_register"} <= set(exports)
    assert exports["dvcqg"] == exports["opencps"] == {"portal_dossiers", "portal_procedures"}
    assert exports["qcvn102_dms"] | exports["ca_register"] == {"dms_documents", "ca_certificates", "ca_signatures"}


def test_two_profiles_of_one_export_cannot_stand_side_by_side():
    with pytest.raises(ProfileError, match="portal_dossiers is also in dvcqg"):
        load_exports("dvcqg,opencps")


def test_no_contract_has_a_column_for_personal_data_and_every_text_is_bounded():
    personal = {"name", "phone", "email", "address", "identity", "subject", "content", "summary", "holder_name"}
    for contract in CONTRACTS.values():
        for column in (*contract.columns, *(c for child in contract.children for c in child.columns)):
            assert column.name not in personal
            assert column.type != "text" or column.pattern or column.allowed, column.name


def codes(profile, column: str):
    return profile["exports"]["portal_dossiers"]["fields"][column]


def dossier_field(profile, column: str, **field) -> None:
    profile["exports"]["portal_dossiers"]["fields"][column] = field


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda p: p["exports"]["portal_dossiers"]["fields"].pop("dossier_code"), "required dossier_code missing"),
        (
            lambda p: p["exports"]["portal_dossiers"]["fields"].update(citizen={"path": "ChuHoSo"}),
            "citizen not in the contract",
        ),
        (
            lambda p: p["exports"]["portal_dossiers"]["fields"]["due_at"].pop("format"),
            "due_at: a date needs its format",
        ),
        (lambda p: p["exports"]["portal_dossiers"]["fields"]["due_at"].update(format="%Y"), "is no format"),
        (lambda p: p["exports"]["portal_dossiers"]["fields"]["status"].update(const=1), "exactly one of"),
        (lambda p: p["exports"]["portal_dossiers"].update(entity="people"), "entity 'people' is unknown"),
        (lambda p: p["auth"].pop("secret"), "needs a secret"),
        (lambda p: dossier_field(p, "channel", const="in person"), "channel.const: 'in person' is not one of"),
        (lambda p: dossier_field(p, "status", const=True), "status.const: True is no integer"),
        (lambda p: dossier_field(p, "received_at", const="20230101"), "received_at.const: '20230101' is no instant"),
        (
            lambda p: dossier_field(p, "agency_code", const="Tứ Kỳ"),
            "agency_code.const: 'Tứ Kỳ' is not an agency's code of digits, H and dots, such as",
        ),
        (lambda p: codes(p, "channel")["codes"].update({"4": "by_post"}), "channel.codes.4: 'by_post' is not one of"),
        (lambda p: codes(p, "paid_online")["codes"].update({"4": "no"}), "paid_online.codes.4: 'no' is no boolean"),
        (lambda p: codes(p, "paid_online").pop("codes"), "paid_online: a boolean needs codes"),
        (lambda p: codes(p, "refused_at")["first"][1].pop("format"), "refused_at.first.1: a date needs its format"),
        (lambda p: dossier_field(p, "refused_at", first=[]), "refused_at"),
        (lambda p: dossier_field(p, "fee_vnd", sum={"list": "DanhSachLePhi"}), "sum needs the path"),
        (lambda p: dossier_field(p, "data_reused", any={"list": "TaiLieuNop", "path": "X"}), "any: path and in go"),
        (lambda p: dossier_field(p, "rating", count={"list": "TaiLieuNop", "in": ["1"]}), "count: path and in go"),
        (
            lambda p: dossier_field(p, "rating", any={"list": "TaiLieuNop"}),
            "rating: the column is integer, not boolean",
        ),
        (lambda p: p.update(exports={"dossiers": p["exports"]["portal_dossiers"]}), "named after its source"),
        (lambda p: p.update(retry=3), "retry"),
    ],
)
def test_a_wrong_profile_says_where_it_is_wrong(tmp_path, change, says):
    with pytest.raises(ProfileError, match=says) as refused:
        load_profile(changed(tmp_path, "dvcqg", change))
    assert "changed.yaml" in str(refused.value)


def test_an_unknown_profile_names_the_shipped_ones():
    with pytest.raises(ProfileError, match="dvcqg"):
        load_exports("igate")


def test_a_changed_mapping_changes_the_fingerprint(tmp_path):
    def another_path(profile):
        profile["exports"]["portal_dossiers"]["fields"]["due_at"]["path"] = "NgayHenTraMoi"

    before = load_exports("dvcqg")["portal_dossiers"].fingerprint()
    after = load_exports(str(changed(tmp_path, "dvcqg", another_path)))["portal_dossiers"].fingerprint()
    assert before != after
