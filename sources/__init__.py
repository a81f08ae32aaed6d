"""Where evidence comes from: each source fetches (I/O) and parses (pure) its own format."""
