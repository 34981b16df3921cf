"""Generated patents that look and read like real ones, for demonstrations, tests and load."""

from ipatent.sample.generate import SampleSummary, generate

__all__ = ["SampleSummary", "generate"]
