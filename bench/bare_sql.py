"""The models' own SQL, run by DuckDB without dbt: every table of a month, and every structural test."""

from __future__ import annotations

import os
import shutil
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from bench.took import Took, timed


def took_without_dbt(build_file: Path, project: Path, folder: Path) -> tuple[Took, Took]:
    """What it takes to make every model anew from a built month's landed rows and seeds, and to run every data test.

    Works in `folder`, on a copy of the build file.
    """
    folder.mkdir()
    copy = folder / build_file.name  # compiled SQL names the file's stem
    shutil.copyfile(build_file, copy)
    models, tests = _compiled(copy, project, folder)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set timezone = 'UTC'; set max_vacuum_tasks = 0")  # as in profiles.yml
        for node in reversed(models):
            connection.execute(f"drop {_kind(node)} {node.relation_name}")
        connection.execute("checkpoint")
        with timed() as made:
            for node in models:
                connection.execute(f"create {_kind(node)} {node.relation_name} as ({node.compiled_code})")
            connection.execute("checkpoint")
        with timed() as tested:
            for node in tests:
                connection.execute(f"select count(*) from ({node.compiled_code})").fetchall()
    return made, tested


def _compiled(build_file: Path, project: Path, folder: Path) -> tuple[list[Any], list[Any]]:
    """The project's models, each after what it reads, and its data tests."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    os.environ["CCHC_BUILD_FILE"] = str(build_file)
    where = ["--project-dir", project, "--profiles-dir", project, "--target-path", folder, "--log-path", folder]
    quiet = ["--quiet", "--log-level-file", "none", "--exclude", "resource_type:unit_test"]
    ran = dbtRunner().invoke(["compile", *map(str, where), *quiet])
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if not ran.success:
        raise SystemExit(f"dbt cannot compile the project: {ran.exception}")
    nodes = {
        result.node.unique_id: result.node
        for result in ran.result.results  # type: ignore[union-attr]
        if result.node.resource_type in ("model", "test")
    }
    order = TopologicalSorter({name: node.depends_on.nodes for name, node in nodes.items()}).static_order()
    found = [nodes[name] for name in order if name in nodes]
    return [n for n in found if n.resource_type == "model"], [n for n in found if n.resource_type == "test"]


def _kind(node: Any) -> str:
    return "view" if node.config.materialized == "view" else "table"
