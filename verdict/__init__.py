"""The reasoning: facts in, verdict out. No I/O, no clock, no Slack, no SQL."""
