"""Age and gender networks: one module a family, weights and preprocessing together."""
