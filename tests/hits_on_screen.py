"""What the browser shows of the hits, for tests of several pages."""

from playwright.sync_api import Page


def focused(page: Page) -> str:
    """Id of the hit that has the focus, as `hit-3`; empty where none has."""
    return str(page.evaluate("document.activeElement.closest('.hit')?.id ?? ''"))
