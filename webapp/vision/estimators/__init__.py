"""Age and gender networks: one module per family, with its preprocessing."""
