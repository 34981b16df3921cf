"""Commands for the tables of the records: which version they have, and bringing them up to date."""

from ipatent.commands.options import Data, Json, Set, print_json, settings_from
from ipatent.commands.output import out


def records_status(data: Data = None, more: Set = None, as_json: Json = False) -> None:
    """Say where the records are and of which version their tables are; changes nothing."""
    from ipatent.records.database import Database, password_in, place_in
    from ipatent.records.tables import VERSION

    settings = settings_from(data, more)
    version, place = Database.version_at(place_in(settings), password_in(settings))
    steps: list[str] = []
    if version is not None and version < VERSION:
        from ipatent.records.upgrading import pending

        steps = [step.doc for step in pending(version)]
    if as_json:
        print_json({"place": place, "version": version, "newest": VERSION, "steps": steps})
        return
    if version is None:
        out().print(f"There are no records in {place} yet.", soft_wrap=True)
    elif not steps:
        out().print(f"The records in {place} are up to date (tables of version {version}).", soft_wrap=True)
    else:
        out().print(
            f"The records in {place} have tables of version {version}; this program's are of version"
            f" {VERSION}. Bring them up to date with: ipatent records upgrade",
            soft_wrap=True,
        )
        for step in steps:
            out().print(f"  {step}", soft_wrap=True)


def records_upgrade(data: Data = None, more: Set = None, as_json: Json = False) -> None:
    """Bring the tables of the records up to date, those included that wait for you to say so.

    End servers of older versions first. It happens as a whole or not at all.
    """
    from ipatent.records.database import Database, password_in, place_in
    from ipatent.records.tables import VERSION

    settings = settings_from(data, more)
    place, password = place_in(settings), password_in(settings)
    before, _ = Database.version_at(place, password)
    with Database.open(place, password, upgrade=True) as database:
        shown = database.place
    if as_json:
        print_json({"place": shown, "before": before, "version": VERSION})
        return
    changed = f", before {before}" if before not in (None, VERSION) else ""
    out().print(f"The records in {shown} have tables of version {VERSION}{changed}.", soft_wrap=True)
