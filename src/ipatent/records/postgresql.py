"""Records on PostgreSQL: the address and the way there, one writer at a time, and what its refusals mean."""

import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection

from ipatent.errors import RecordsProblem, SettingsError

DRIVER = "postgresql+pg8000"
_LOCK = 0x69507265
"""Advisory lock of a database that is held by who writes or changes its tables."""
_SECONDS = 30
_IDLE = 60
"""Seconds after which the server ends a writer that does nothing, as one whose machine died does."""
_CONNECTIONS = 5
_MORE_CONNECTIONS = 15
"""Twenty of each process: four workers fit into the hundred that a server gives as installed."""

_WITHOUT_CHECK = ("require", "prefer", "allow")
_SSL_MODES = ("disable", *_WITHOUT_CHECK, "verify-ca", "verify-full")


def with_driver(url: URL, password: str) -> URL:
    """The address with a driver, where it names none, and with the password, where one is given."""
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername=DRIVER)
    return url.set(password=password) if password else url


def shown(url: URL) -> str:
    """The address for messages: without password and options."""
    plain = url.set(drivername="postgresql", query={})
    return plain.render_as_string(hide_password=True).replace(":***@", "@")


def engine_of(url: URL) -> Engine:
    """A pool of connections; broken ones are found and replaced before they are used.

    Raises SettingsError for options in the address that are not known.
    """
    arguments: dict[str, Any] = {}
    if url.drivername == DRIVER:
        arguments = {"timeout": _SECONDS, "application_name": "ipatent"} | _encryption(url.query)
        url = url.set(query={})
    engine = create_engine(
        url,
        connect_args=arguments,
        pool_pre_ping=True,
        pool_size=_CONNECTIONS,
        max_overflow=_MORE_CONNECTIONS,
        pool_timeout=_SECONDS,
        hide_parameters=True,
    )
    quiet = engine.dialect.loaded_dbapi.Error, OSError

    def end(connection: DBAPIConnection) -> None:
        with suppress(*quiet):  # it may be broken already, which pg8000 would complain about
            connection.close()

    engine.dialect.do_terminate = end  # type: ignore[method-assign, assignment]
    return engine


def _encryption(options: Mapping[str, Any]) -> dict[str, Any]:
    """TLS as libpq's options say it: sslmode and sslrootcert; without them it is used where offered."""
    if unknown := set(options) - {"sslmode", "sslrootcert"}:
        raise SettingsError(
            f"The address of the records has an option that is not known: {sorted(unknown)[0]}.",
            "Known are sslmode and sslrootcert.",
        )
    mode = str(options.get("sslmode", ""))
    if mode not in ("", *_SSL_MODES):
        raise SettingsError(
            "The option sslmode in the address of the records is not known.",
            f"Known are {', '.join(_SSL_MODES)}.",
        )
    if mode == "disable":
        return {"ssl_context": False}
    if mode in ("", "prefer", "allow"):
        return {}
    try:
        context = ssl.create_default_context(cafile=options.get("sslrootcert"))
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"The certificate file of the records cannot be read: {type(error).__name__}.",
            "Check the option sslrootcert in the setting records.",
        ) from None
    if mode != "verify-full":
        context.check_hostname = False
    if mode == "require" and "sslrootcert" not in options:
        context.verify_mode = ssl.CERT_NONE
    return {"ssl_context": context}


def begin_reading(connection: Connection) -> None:
    """Let a transaction that just began see one state of the database, and write nothing."""
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def begin_writing(connection: Connection) -> None:
    """Wait until nobody else writes, as in an SQLite file: what is read then stays true until the end."""
    connection.execute(
        text(
            "SELECT set_config('lock_timeout', :wait, true),"
            " set_config('idle_in_transaction_session_timeout', :idle, true), pg_advisory_xact_lock(:lock)"
        ),
        {"wait": f"{_SECONDS - 5}s", "idle": f"{_IDLE}s", "lock": _LOCK},
    )


def problem_of(origin: BaseException, place: str) -> RecordsProblem:
    """What to tell about an error of the server or of the way there."""
    told = origin.args[0] if origin.args and isinstance(origin.args[0], dict) else {}
    code, said = str(told.get("C", "")), str(told.get("M", ""))[:300]
    if code[:2] == "28":
        return RecordsProblem(
            f"The records in {place} do not accept this user or password.",
            "Check the setting records, and IPATENT_RECORDS_PASSWORD or the file of records_password_file.",
        )
    if code == "3D000":
        return RecordsProblem(
            f"There is no database for the records in {place}.",
            "Make it, e.g. with: createdb --owner USER DATABASE, or name another with the setting records.",
        )
    if code in ("42501", "25006"):
        return RecordsProblem(
            f"The records in {place} cannot be written: permission denied ({said}).",
            "Give the user rights to that database and its schema, or name the server that takes writes.",
        )
    if code == "53100":
        return RecordsProblem(
            f"The disk is full: nothing more can be written to the records in {place}.",
            "Free some space on that server; what was stored before is unharmed.",
        )
    if code in ("55P03", "40P01", "40001", "57014"):
        return RecordsProblem(
            f"The records in {place} have been locked by another process for {_SECONDS - 5} seconds.",
            "Try again; if it stays so, end that process.",
        )
    if code[:3] == "57P" or code == "53300":
        return RecordsProblem(
            f"The records in {place} cannot be used just now: {said or 'the server is not ready'}.",
            "Try again in a moment.",
        )
    if code:
        return RecordsProblem(f"The records in {place} cannot be used: {said} ({code}).")
    return RecordsProblem(
        f"The records in {place} cannot be reached: {_reason(origin)}.",
        "Check that the database server runs and that the setting records names it rightly; what was stored"
        " before is unharmed.",
    )


def _reason(origin: BaseException | None) -> str:
    at: BaseException | None = origin
    while at is not None:
        if isinstance(at, ssl.SSLError):
            return "no encrypted connection can be made"
        if isinstance(at, TimeoutError):
            return "no answer in time"
        if isinstance(at, ConnectionRefusedError):
            return "connection refused"
        if isinstance(at, OSError) and at.strerror:
            return at.strerror[:1].lower() + at.strerror[1:]
        at = at.__cause__ or at.__context__
    return "the connection broke"
