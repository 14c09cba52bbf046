"""HTTP: pages, the API and what they need. Importing this package does not import Flask."""
