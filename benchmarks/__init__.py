"""Measurements: one question each; ``python -m benchmarks`` lists them."""
