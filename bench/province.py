"""The records of a large province, month by month, made by DuckDB in seconds: rows of the contracts, not of any vendor.

A dossier has one life, whichever month is asked: a month holds what was received, open or closed in it, as it was known
a day after the month ended. Its clock stands still for supplements, some of them asked for after the month, for financial
duties and for stops, which may overlap, be told twice, begin at the due second or never end. Equal sizes give equal rows.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from cchc.period import Period
from ingest.contracts import CONTRACTS

PROVINCE = "99"
_OLDEST = 3  # months that a life may reach into
_PROCEDURES = 150


@dataclass(frozen=True)
class Province:
    """`dossiers` and `documents` are about what the whole province receives, or sends and receives, in a month."""

    communes: int
    dossiers: int
    documents: int
    first: Period

    def rows(self, period: Period) -> dict[str, pa.Table]:
        """Entity to the rows of the month, in the columns of its contract."""
        queries = {
            "dossiers": self._dossiers(period),
            "documents": f"from ({self._documents(period)})",
            "procedures": self._procedures(),
            "certificates": self._certificates(),
            "signatures": self._signatures(period),
        }
        with duckdb.connect(config={"memory_limit": "3GB"}) as connection:
            connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
            connection.execute("create macro pick(n, what, count) as (hash(n, what) % count)::bigint")
            found = {name: connection.sql(query).to_arrow_table() for name, query in queries.items()}
        return {
            name: rows.select(CONTRACTS[name].schema().names).cast(CONTRACTS[name].schema())
            for name, rows in found.items()
        }

    def write_agencies(self, path: Path) -> None:
        """The province and its communes, in the columns of the project's agency table."""
        first = date(self.first.year - 1, 1, 1).isoformat()
        columns = "agency_code valid_from valid_to name_vi level parent_code identity_code reports_from reports_to"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns.split())
            writer.writerow((PROVINCE, first, "", "Tỉnh Thử Nghiệm", "province", "", "000.00.00.H99", "", ""))
            for number in range(self.communes):
                code, identity = f"{90_000 + number}", f"000.{number // 90 + 1:02d}.{number % 90 + 10:02d}.H99"
                writer.writerow((code, first, "", f"Xã Tình Huống {number}", "commune", PROVINCE, identity, first, ""))

    def _agency(self, n: str) -> str:
        """Communes of uneven size: the busiest has some six times the work of the quietest."""
        place = f"floor({self.communes} * pow((pick({n}, 'agency', 100000)) / 100000.0, 1.6))::int"
        return f"format('000.{{:02d}}.{{:02d}}.H99', ({place}) // 90 + 1, ({place}) % 90 + 10)"

    def _dossiers(self, period: Period) -> str:
        lives, month = [], period
        for _ in range(_OLDEST + 1):
            lives.append(self._lives(month))
            month = month.previous()
            if month < self.first:
                break
        ends = f"timestamptz '{period.ends_at.isoformat()}'"
        seen = f"timestamptz '{(period.ends_at + timedelta(days=1)).isoformat()}'"
        starts = f"timestamptz '{period.starts_at.isoformat()}'"
        # What the source knew when it was read.
        known = f"case when {{0}} < {seen} then {{0}} end".format
        last = f"least(ended_at, {seen})"
        supplemented = f"supplemented and asked_at < {last}"
        return f"""
            select
                * exclude (ended_at, outcome, due_at, asked_at, answered_at, supplemented, duty_at, duty_done_at, stopped_at, n),
                case when supplemented and asked_at >= {last} then due_at - interval 1 day else due_at end as due_at,
                case when outcome = 'finished' then {known("ended_at")} end as finished_at,
                case when outcome = 'refused' then {known("ended_at")} end as refused_at,
                case when outcome = 'withdrawn' then {known("ended_at")} end as withdrawn_at,
                case when outcome = 'finished' then {known("ended_at")} end as returned_at,
                case when ended_at >= {seen} then 4 when outcome = 'finished' then 10 when outcome = 'refused' then 3
                    else 7 end as status,
                {last} as updated_at,
                case when {supplemented} then [
                    {{'requested_at': asked_at, 'answered_at': {known("answered_at")},
                      'old_due_at': due_at - interval 1 day, 'new_due_at': due_at}},
                    {{'requested_at': asked_at + interval 3 hour, 'answered_at': {known("answered_at + interval 1 day")},
                      'old_due_at': due_at, 'new_due_at': due_at}}
                ][:case when pick(n, 'again', 5) = 0 and asked_at + interval 3 hour < {last} then 2 else 1 end]
                    else [] end as supplements,
                [
                    {{'step': 2, 'started_at': received_at, 'finished_at': received_at + interval 20 minute, 'due_at': due_at}},
                    {{'step': 4, 'started_at': received_at + interval 20 minute, 'finished_at': {known("ended_at")},
                      'due_at': due_at}},
                    {{'step': 9, 'started_at': {known("ended_at")}, 'finished_at': null, 'due_at': due_at}}
                ][:case when ended_at < {seen} then 3 else 2 end]
                || case when {supplemented} and pick(n, 'told_twice', 5) < 2 then
                    [{{'step': 5, 'started_at': asked_at, 'finished_at': {known("answered_at")}, 'due_at': due_at}}] else [] end
                || case when duty_at < {last} then
                    [{{'step': 6, 'started_at': duty_at, 'finished_at': {known("duty_done_at")}, 'due_at': due_at}}] else [] end
                || case when stopped_at < {last} then
                    [{{'step': 8, 'started_at': stopped_at, 'finished_at': null, 'due_at': due_at}}] else [] end
                    as steps
            from ({" union all ".join(lives)})
            where received_at < {ends} and ended_at >= {starts}
        """

    def _lives(self, month: Period) -> str:
        """Every dossier received in a month, with the end that it will have."""
        base = (month.year * 12 + month.month) * 10_000_000
        day = f"timestamptz '{month.starts_at.isoformat()}'"
        days = (month.end_date - month.first_date).days
        return f"""
            select
                {self._agency("n")} || '-' || strftime(received_at, '%y%m%d') || '-' || format('{{:06d}}', n % 10000000)
                    as dossier_code,
                {self._agency("n")} as agency_code,
                format('1.{{:06d}}', pick(n, 'procedure', {_PROCEDURES})) as procedure_code,
                null as field_code,
                ['in_person', 'online', 'online', 'online', 'postal'][1 + pick(n, 'channel', 5)] as channel,
                null as service_level,
                ['citizen', 'citizen', 'business'][1 + pick(n, 'applicant', 3)] as applicant_type,
                received_at - interval 1 hour as submitted_at,
                received_at,
                received_at + to_minutes((60 + case when pick(n, 'slow', 100) < 85 then pick(n, 'life', 4000)
                    when pick(n, 'slow', 100) < 99 then pick(n, 'life', 30000) else pick(n, 'life', 120000) end)::bigint)
                    as ended_at,
                case when pick(n, 'outcome', 100) < 97 then 'finished' when pick(n, 'outcome', 100) = 97 then 'refused'
                    else 'withdrawn' end as outcome,
                case when pick(n, 'due', 50) = 0 then null when pick(n, 'edge', 501) = 0 then ended_at
                    else received_at + to_days(([1, 2, 3, 5, 8, 15])[1 + pick(n, 'term', 6)]) end as due_at,
                pick(n, 'supplement', 16) = 0 and pick(n, 'due', 50) > 0 as supplemented,
                received_at + to_seconds(2700 + pick(n, 'asked', 200000)) as asked_at,
                case when pick(n, 'answered', 11) > 0 then asked_at + to_seconds(3600 + pick(n, 'waited', 300000)) end
                    as answered_at,
                case when pick(n, 'fee', 3) > 0 and pick(n, 'duty', 13) = 0
                    then received_at + to_seconds(1800 + pick(n, 'duty_at', 90000)) end as duty_at,
                duty_at + to_minutes(30 + pick(n, 'duty', 2000)) as duty_done_at,
                case pick(n, 'stopped', 101) when 0 then received_at + to_seconds(7200 + pick(n, 'stopped_at', 300000))
                    when 1 then due_at end as stopped_at,
                n,
                (['in_person', 'postal'])[1 + pick(n, 'return', 2)] as return_method,
                null as is_e_certification,
                pick(n, 'input', 4) > 0 as input_digitised,
                pick(n, 'result', 5) > 0 as result_digitised,
                pick(n, 'result', 5) > 1 as result_electronic,
                pick(n, 'reused', 9) = 0 as data_reused,
                pick(n, 'fee', 3) * 8000 as fee_vnd,
                pick(n, 'paid', 2) = 0 as paid_online,
                null as rating
            from (
                select {base} + i as n, {day} + to_minutes(pick({base} + i, 'at', ({days} * 24 * 60 - 120))) as received_at
                from range({self.dossiers}) t(i)
            )
        """

    def _documents(self, period: Period) -> str:
        base = (period.year * 12 + period.month) * 10_000_000
        day = f"timestamptz '{period.starts_at.isoformat()}'"
        days = (period.end_date - period.first_date).days
        return f"""
            select
                agency_code || ',' || strftime(moved_at, '%Y/%m/%d') || ',' || (n % 1000000) || '/UBND-VP' as document_id,
                agency_code,
                direction,
                (['Công văn', 'Quyết định', 'Báo cáo', 'Thông báo'])[1 + pick(n, 'type', 4)] as document_type,
                moved_at::date - case when direction = 'incoming' then pick(n, 'issued', 7) else 0 end::int as issued_date,
                case when direction = 'incoming' then moved_at end as received_at,
                case when direction = 'outgoing' then moved_at end as sent_at,
                (['electronic', 'electronic', 'electronic_and_paper', 'paper'])[1 + pick(n, 'form', 4)] as exchange_form,
                case when direction = 'outgoing' then
                    if(pick(n, 'recalled', 199) = 0, '13', (['01', '03', '06'])[1 + pick(n, 'status', 3)]) end as exchange_status,
                case when direction = 'incoming' then pick(n, 'online', 8) > 0 end as processed_online,
                case when direction = 'outgoing' then pick(n, 'signed', 10) > 0 end as is_signed,
                pick(n, 'web', 6) = 0 as published_on_web,
                null as answers_dossier_code,
                n
            from (
                select
                    {base} + i as n,
                    {self._agency(f"{base} + i")} as agency_code,
                    case when i % 3 = 0 then 'outgoing' else 'incoming' end as direction,
                    {day} + to_minutes(pick({base} + i, 'moved', ({days} * 24 * 60))) as moved_at
                from range({self.documents}) t(i)
            )
        """

    def _signatures(self, period: Period) -> str:
        return f"""
            select
                'KY-' || n as signature_id, document_id, null as dossier_code, {self._serial("agency_code", "n % 12")} as serial,
                sent_at as signed_at, 'valid' as verification
            from ({self._documents(period)})
            where is_signed
        """

    def _certificates(self) -> str:
        return f"""
            select
                {self._serial("agency_code", "k")} as serial, agency_code,
                case when k < 10 then 'person' else 'organisation' end as holder_type,
                case when k < 3 then 'leader' when k < 10 then 'staff' else 'organisation' end as holder_role,
                date '2010-01-01' as valid_from, date '2060-01-01' as valid_to, null as revoked_at
            from ({self._communes()}), range(12) t(k)
        """

    def _procedures(self) -> str:
        fields = "['HT', 'CT', 'LDTBXH', 'DD', 'XD']"
        names = "['Hộ tịch', 'Chứng thực', 'Bảo trợ xã hội', 'Đất đai', 'Xây dựng']"
        return f"""
            select
                format('1.{{:06d}}', k) as procedure_code, agency_code, ({fields})[1 + k % 5] as field_code,
                ({names})[1 + k % 5] as field_name, (['full', 'partial', 'information'])[1 + k % 3] as service_level,
                k % 2 = 0 as has_fee, k % 40 = 0 as is_e_certification, date '2015-01-01' as valid_from, null as valid_to
            from ({self._communes()}), range({_PROCEDURES}) t(k)
        """

    def _communes(self) -> str:
        code = "format('000.{:02d}.{:02d}.H99', i // 90 + 1, i % 90 + 10)"
        return f"select {code} as agency_code from range({self.communes}) t(i)"

    @staticmethod
    def _serial(agency: str, number: str) -> str:
        return f"upper(substr(md5({agency} || '/' || ({number})), 1, 12)) || 'A0'"
