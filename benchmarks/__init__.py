"""Measurements of this machine: run all with `python -m benchmarks`, or one by its name."""
