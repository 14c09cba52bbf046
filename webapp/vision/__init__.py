"""Photos, faces, age and gender. Knows nothing of HTTP and never imports Flask."""
