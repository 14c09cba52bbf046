"""The requests of other face services, answered in their form; off unless a setting asks for it."""
