"""What an analysis is once it leaves the pipeline: documents, tables and comparisons of it."""
