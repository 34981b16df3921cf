"""Steps between versions of the tables, for Alembic.

`versions/v0002_what_it_does.py` has the revision `0002`; `tables.VERSION` is the number of the last
step. A step says `automatic = False` when older programs that still run could not go on with its
tables: it then waits for `ipatent records upgrade`. In SQLite references are not looked after while a
step runs, so that a table may be made anew under its name.
"""
