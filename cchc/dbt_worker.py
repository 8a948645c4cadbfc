"""A process that builds with dbt, one job after the other: dbt is imported, the project parsed and its seeds read once, not
every month.

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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

_STEP = re.compile(r"^\d+ of \d+ (?!START).*")


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever dbt prints goes to standard error

    def tell(**answer: Any) -> None:
        try:
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
        except BrokenPipeError:
            # The parent died. An exception would leave one of dbt's threads waiting for the other for ever.
            os._exit(1)

    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def step(event: Any) -> None:
        if found := _STEP.match(event.info.msg):
            tell(progress=found[0].rstrip(". "))
        elif event.info.level == "error":
            sys.stderr.write(f"{event.info.msg}\n")

    manifests: dict[str, Any] = {}
    seeds: dict[str, Seeds] = {}
    for line in sys.stdin:
        job = json.loads(line)
        target = Path(job["target"])
        os.chdir(target.parent)
        # Relative, since another value of a variable in profiles.yml makes dbt parse everything again.
        os.environ["CCHC_BUILD_FILE"] = os.path.relpath(job["build_file"])
        common = ["--project-dir", job["project"], "--profiles-dir", job["project"], "--target-path", str(target)]
        # No logs, since dbt words every event for them, also those that it leaves out; no manifest, since nobody reads it.
        common += ["--log-path", str(target), "--log-level-file", "none", "--log-level", "none"]
        common += ["--no-write-json", "--no-use-colors"]
        selection = ["--select", job["select"]] if job["select"] else []
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
        files = _state_of(Path(job["project"], "seeds"))
        kept = seeds.get(job["project"])
        if kept and kept.files != files:
            kept = None
        if kept and not selection:
            kept.put_into(job["build_file"])
        excluded = ["--exclude-resource-type", "unit_test", *(["--exclude-resource-type", "seed"] if kept else [])]
        built = dbtRunner(manifest=manifests[job["project"]], callbacks=[step]).invoke(
            ["build", *excluded, *selection, *common]
        )
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        if built.success and not selection and not kept:
            seeds[job["project"]] = Seeds(files, job["build_file"], manifests[job["project"]])
        tell(failed=None if built.success else _faults(built))


def _state_of(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Every file with its size and the instant of its last change."""
    return frozenset((path.name, (found := path.stat()).st_size, found.st_mtime_ns) for path in folder.iterdir())


class Seeds:
    """The tables that dbt made of a project's seeds, kept in memory: it reads their lines one by one, which takes seconds.

    `files` is the state of the seeds' folder that they were made of.
    """

    def __init__(self, files: frozenset[tuple[str, int, int]], build_file: str, manifest: Any) -> None:
        self.files = files
        self._tables = [node.alias for node in manifest.nodes.values() if node.resource_type == "seed"]
        self._kept = duckdb.connect()
        with self._at(build_file, "(read_only)"):
            for table in self._tables:
                self._kept.execute(f"create table {table} as from build.{table}")

    def put_into(self, build_file: str) -> None:
        with self._at(build_file):
            for table in self._tables:
                self._kept.execute(f"create table build.{table} as from {table}")

    @contextlib.contextmanager
    def _at(self, build_file: str, how: str = "") -> Iterator[None]:
        self._kept.execute(f"attach '{build_file}' as build {how}")
        try:
            yield
        finally:
            self._kept.execute("detach build")


def _faults(built: Any) -> str:
    if built.exception:
        return str(built.exception)
    failed = [r for r in built.result.results if r.status in ("error", "fail")]
    return "\n".join(f"{r.node.unique_id}: {r.status}: {' '.join((r.message or '').split())}" for r in failed)


if __name__ == "__main__":
    main()
