"""The steps by which raw material becomes evidence on one time line."""
