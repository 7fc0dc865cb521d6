#!/usr/bin/env bash
# What is tried with the lowest versions: every command once, arithmetic, searches and the plugin.
# ci/lowest.sh FOLDER, an environment of ci/versions.sh
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1/bin
"$bin/checker" doctor
"$bin/checker" verify shamir2018.lemma1 shamir2018.theorem1 shamir2018.theorem2 --cases 5000
"$bin/checker" census diabetes --starts 4 --seconds 60
"$bin/pytest" -n auto -q tests/oracle/test_{ball,bounded,decide,exact,losses,objective,selftest}.py \
    tests/search/test_{climb,sharpen}.py tests/census tests/certify/test_verdicts.py \
    tests/cli/test_{plugin,foreign_projects}.py
