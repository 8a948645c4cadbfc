"""Every declared check. A suite is a tuple of checks in a module of this folder; all are listed here, none discovered."""

from __future__ import annotations

from expectations.checks import Check
from expectations.suites import (
    clock,
    completeness,
    cross_source,
    dimensions,
    exports,
    fct_documents,
    fct_dossiers,
    fct_signatures,
    forms,
    freshness,
    history,
    indicator_values,
    landed_documents,
    landed_dossiers,
    landed_signatures,
    plausibility,
    published,
    typed_figures,
)

SUITES: dict[str, tuple[Check, ...]] = {
    "indicator_values": indicator_values.CHECKS,
    "fct_dossiers": fct_dossiers.CHECKS,
    "clock": clock.CHECKS,
    "landed_dossiers": landed_dossiers.CHECKS,
    "landed_documents": landed_documents.CHECKS,
    "landed_signatures": landed_signatures.CHECKS,
    "fct_documents": fct_documents.CHECKS,
    "fct_signatures": fct_signatures.CHECKS,
    "dimensions": dimensions.CHECKS,
    "exports": exports.CHECKS,
    "freshness": freshness.CHECKS,
    "completeness": completeness.CHECKS,
    "history": history.CHECKS,
    "plausibility": plausibility.CHECKS,
    "cross_source": cross_source.CHECKS,
    "forms": forms.CHECKS,
    "typed_figures": typed_figures.CHECKS,
    "published": published.CHECKS,
}


def all_checks() -> tuple[Check, ...]:
    """All declared checks, in the order of the suites. Raises ValueError when two carry one id."""
    checks = tuple(check for suite in SUITES.values() for check in suite)
    ids = [check.id for check in checks]
    if len(set(ids)) != len(ids):
        raise ValueError(f"check ids are not unique: {sorted({i for i in ids if ids.count(i) > 1})}")
    return checks


def critical_ids() -> frozenset[str]:
    """What a verdict must have evaluated and found to hold before anything is published."""
    return frozenset(check.id for check in all_checks() if check.severity == "critical")
