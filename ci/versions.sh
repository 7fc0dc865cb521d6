#!/usr/bin/env bash
# A virtual environment with the package and its tests' tools, at the lowest or the newest versions
# that pyproject.toml allows: ci/versions.sh lowest|newest FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
[[ $# == 2 && $1 =~ ^(lowest|newest)$ ]] || { sed -n 2,3p "ci/versions.sh" >&2; exit 2; }
pins=$(mktemp)
trap 'rm -f "$pins"' EXIT
if [[ $1 == lowest ]]; then
    python3 - > "$pins" <<'PYTHON'
import re, tomllib

with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]
for needed in (*project["dependencies"], *project["optional-dependencies"]["test"]):
    # Without a lower bound this fails, as it should.
    name, least = re.match(r"([\w.-]+)>=([\w.]+)", needed).groups()
    print(f"{name}=={least}")
PYTHON
fi
python3 -m venv "$2"
"$2/bin/pip" install --quiet --constraint "$pins" ".[test]"
