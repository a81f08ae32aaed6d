"""Bundles: the evidence of one incident as files in a folder."""

from sources.bundle.bundle import find_bundles, is_bundle, read_bundle

__all__ = ["find_bundles", "is_bundle", "read_bundle"]
