"""Where results live for a while: a local directory, or a bucket that many machines share."""
