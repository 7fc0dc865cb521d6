"""Budgets of the gate."""

from __future__ import annotations

# The gate: default seed and budgets of a baseline. A run over 174 claims takes half an hour of one
# processor; with this seed the hardest false neighbour needs 150,000 candidates.
GATE_SEED = 2
GATE_CASES = 40_000
GATE_EVALUATIONS = 400_000
GATE_OPEN_EVALUATIONS = 5_000
GATE_FOUND_CASES = 200

# Relative slack at which the guided search counts as having found equality. It decides no case:
# what is lost below it is a search that came nearer before.
GATE_REACHED = 1e-9

# Structures per stratum, and random cases of each, in which float64 bounds are compared with balls:
# some hundred structures per claim, so that every loss of the catalogue is among them.
RUNG_STRUCTURES = 6
RUNG_CASES = 3

# Throughput of the gate: cases per batch, structures per claim, processor seconds per figure.
THROUGHPUT_CASES = 1024
THROUGHPUT_ROUNDS = 5
THROUGHPUT_SECONDS = 0.04

# The gate falls below this share of the baseline's ratio. Medians moved by up to 30 % with four
# processes on two cores; a Python loop over cases costs a factor of ten and more.
THROUGHPUT_SHARE = 0.4

THROUGHPUT_KEPT = 0.35
