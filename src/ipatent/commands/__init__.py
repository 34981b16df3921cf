"""Groups of commands that stand beside `ipatent.cli`."""
