"""Run every benchmark of this folder that has a `main()`, one after the other."""

import importlib
import pkgutil

import benchmarks


def main() -> None:
    """Run them in order of name."""
    for module in sorted(found.name for found in pkgutil.iter_modules(benchmarks.__path__)):
        if module.startswith("_"):
            continue
        run = getattr(importlib.import_module(f"benchmarks.{module}"), "main", None)
        if run:
            print(f"== {module}", flush=True)
            run()


if __name__ == "__main__":
    main()
