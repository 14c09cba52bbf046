"""An analysis after the pipeline: documents, tables and comparisons."""
