"""The command for query pictures that users sent: what is kept, and what may go."""

from typing import Annotated

import typer

from ipatent.commands.options import Data, Json, Set, print_json, settings_from
from ipatent.commands.output import out
from ipatent.errors import IndexProblem


def uploads(
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Delete those that are out of date, as the server does daily.")
    ] = False,
    data: Data = None,
    more: Set = None,
    as_json: Json = False,
) -> None:
    """Say how many query pictures users sent are kept, and which of them may go.

    Out of date is what was not used for keep_uploads_days (a setting; 0 keeps all) and what no stored
    search, saved search or judged query names. Where no server runs all day, let cron sweep.
    """
    from datetime import UTC, datetime

    from ipatent.opening import open_uploads
    from ipatent.uploads import stock
    from ipatent.web.sweeping import named_by_records, sweep_uploads

    settings = settings_from(data, more)
    if not settings.data_dir.is_dir():  # a misspelt folder would be made, and found empty, for ever
        raise IndexProblem(
            f"There is no data folder {settings.data_dir}.", "Name the right one with --data DIR."
        )
    store = open_uploads(settings)
    days = settings.keep_uploads_days
    kept = stock(store, days, named_by_records(settings))
    deleted = sweep_uploads(store, settings) if sweep else None
    oldest = None if kept.oldest is None else datetime.fromtimestamp(kept.oldest, UTC)
    old_bytes = sum(each.size for each in kept.old)
    if as_json:
        value = {
            "uploads": kept.uploads,
            "bytes": kept.bytes,
            "oldest": oldest.isoformat(timespec="seconds") if oldest else None,
            "keep_days": days,
            "out_of_date": len(kept.old),
            "out_of_date_bytes": old_bytes,
        }
        print_json(value | ({} if deleted is None else {"deleted": deleted}))
        return
    said = f"{kept.uploads:,} uploads, {kept.bytes / 1e6:,.1f} MB"
    if oldest:
        said += f"; the one unused for longest was used last on {oldest:%Y-%m-%d}"
    rule = f"unused for {days} days and named by no search" if days else "none: keep_uploads_days is 0"
    said += f".\nOut of date ({rule}): {len(kept.old):,}, {old_bytes / 1e6:,.1f} MB."
    said += f"\n{deleted:,} deleted." if deleted is not None else ""
    if kept.old and deleted is None:
        said += "\nDelete them with: ipatent uploads --sweep"
    out().print(said, soft_wrap=True)
