"""What must exist before Airflow's services start: the migrated database, the writer's pool, the admin's password.

Run by the `init` service of docker-compose.yml; safe to run again, and to be run by every upgrade.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from quickstart.environment import prepare_airflow

ADMIN = "admin"


def set_password(path: Path, user: str, password: str) -> None:
    """Writes one user's password into the simple auth manager's file and leaves the others' as they are."""
    known = json.loads(path.read_text()) if path.exists() else {}
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(known | {user: password}))
    os.replace(draft, path)


def main() -> None:
    password_file = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    prepare_airflow(dict(os.environ))
    set_password(password_file, ADMIN, os.environ["AIRFLOW_ADMIN_PASSWORD"])
    print("database migrated, pool made, password set")


if __name__ == "__main__":
    main()
