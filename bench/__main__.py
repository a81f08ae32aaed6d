"""Run the benches named on the command line, or all: each module here with a `main`.

A bench's `main()` prints its figures and says whether it met its aim.
"""

import importlib
import pkgutil
import sys
from pathlib import Path


def main(names: list[str]) -> int:
    """Run benches; 0 when all met their aims, 1 when one did not, 2 for an unknown name."""
    known = sorted(
        module.name
        for module in pkgutil.iter_modules([str(Path(__file__).parent)])
        if not module.name.startswith("_")
    )
    if unknown := set(names) - set(known):
        print(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        return 2
    met = True
    for name in names or known:
        print(f"== {name}", flush=True)
        met = importlib.import_module(f"bench.{name}").main() and met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
