"""A process that builds with dbt, one job after the other: dbt is imported and the project parsed once, not every month.

Jobs come as JSON lines on standard input, progress and outcomes go out as JSON lines; the end of input, which is also
the death of the parent, ends it. Run by `cchc.dbt` only.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

_STEP = re.compile(r"^\d+ of \d+ (?!START).*")


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever dbt prints goes to standard error

    def tell(**answer: Any) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def step(event: Any) -> None:
        if found := _STEP.match(event.info.msg):
            tell(progress=found[0].rstrip(". "))

    manifests: dict[str, Any] = {}
    for line in sys.stdin:
        job = json.loads(line)
        target = Path(job["target"])
        os.chdir(target.parent)
        # Relative, since another value of a variable in profiles.yml makes dbt parse everything again.
        os.environ["CCHC_BUILD_FILE"] = os.path.relpath(job["build_file"])
        common = ["--project-dir", job["project"], "--profiles-dir", job["project"], "--target-path", str(target)]
        selection = ["--select", job["select"]] if job["select"] else []
        common += ["--log-path", str(target), "--log-level-file", "none", "--quiet", "--no-use-colors"]
        if job["project"] not in manifests:
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(job["parse_cache"], target / "partial_parse.msgpack")
            parsed = dbtRunner().invoke(["parse", *common])
            if not parsed.success:
                tell(failed=str(parsed.exception))
                continue
            manifests[job["project"]] = parsed.result
            with contextlib.suppress(FileNotFoundError):
                os.replace(target / "partial_parse.msgpack", job["parse_cache"])
        built = dbtRunner(manifest=manifests[job["project"]], callbacks=[step]).invoke(
            ["build", "--exclude-resource-type", "unit_test", *selection, *common]
        )
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        tell(failed=None if built.success else _faults(built))


def _faults(built: Any) -> str:
    if built.exception:
        return str(built.exception)
    failed = [r for r in built.result.results if r.status in ("error", "fail")]
    return "\n".join(f"{r.node.unique_id}: {r.status}: {' '.join((r.message or '').split())}" for r in failed)


if __name__ == "__main__":
    main()
