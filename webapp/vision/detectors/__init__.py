"""Face detectors: one module each, one Protocol."""
