"""Backups: index, drawings and records in one file, or in a folder or bucket, checked by their sums.

What lies in one is told in `docs/backup.md`, so that it can be read without this program.
"""

from ipatent.backup.restoring import RestoreSummary, restore
from ipatent.backup.saving import BackupSummary, backup
from ipatent.backup.source import open_source, verify

__all__ = ["BackupSummary", "RestoreSummary", "backup", "open_source", "restore", "verify"]
