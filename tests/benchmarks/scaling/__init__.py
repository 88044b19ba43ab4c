"""The parts of tests/benchmarks/scale.py."""
