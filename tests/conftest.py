"""What holds for all tests."""

import os

from hypothesis import settings

# A busy machine is no fault: how long a thing may take is said where it matters. Under CI the
# examples are always the same, so that a red run is the change's doing; elsewhere they vary.
settings.register_profile("stuncheck", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("stuncheck")
