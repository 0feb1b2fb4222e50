"""Synthetic people, bodies, registers and results for demos and tests: no real person is behind any of them."""
