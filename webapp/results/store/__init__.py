"""Where results are kept for a limited time: a local directory, or a bucket shared by machines."""
