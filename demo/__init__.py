"""Recorded incidents, and the workspace that plays them."""
