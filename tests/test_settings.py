"""Settings: where they come from, which wins, and what is refused."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from ipatent.errors import SettingsError
from ipatent.settings import TABLE, Settings, load_settings, markdown_table

DOCUMENTED = Path(__file__).parent.parent / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder without an `ipatent.toml`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_setting_is_in_the_table_and_in_the_documentation() -> None:
    assert set(TABLE) == {field.name for field in fields(Settings)}
    assert all(row.help.endswith(".") for row in TABLE.values())
    assert markdown_table() in DOCUMENTED.read_text(encoding="utf-8")


def test_defaults_lie_in_their_own_ranges() -> None:
    for field in fields(Settings):
        assert load_settings({field.name: field.default}, {}) == Settings()


def test_the_file_gives_way_to_the_environment_and_that_to_flags(elsewhere: Path) -> None:
    (elsewhere / "ipatent.toml").write_text('k = 10\nport = 1\nhost = "file"\ntext_weight = 1\n')
    environment = {"IPATENT_PORT": "2", "IPATENT_HOST": "environment", "HOME": "/root", "IPATENT_MODELS": ""}
    settings = load_settings({"host": "flag", "max_k": None}, environment)
    assert (settings.k, settings.port, settings.host, settings.max_k) == (10, 2, "flag", 500)
    assert settings.text_weight == 1.0
    assert isinstance(settings.text_weight, float)


def test_the_environment_may_name_the_file(elsewhere: Path) -> None:
    (elsewhere / "other.toml").write_text("k = 7")
    assert load_settings({}, {"IPATENT_SETTINGS": str(elsewhere / "other.toml")}).k == 7


@pytest.mark.parametrize(
    ("flags", "environment", "file", "message"),
    [
        ({"foo": 1}, {}, "", "Unknown setting 'foo' in the command line. Known settings: candidates"),
        ({}, {"IPATENT_FOO": "1"}, "", "Unknown setting 'foo' in the environment."),
        ({}, {}, "foo = 1", "Unknown setting 'foo' in ipatent.toml."),
        ({}, {}, "[server]\nport = 1", "Unknown setting 'server' in ipatent.toml."),
        ({}, {"IPATENT_PORT": "abc"}, "", "port in the environment is 'abc', which is not a whole number"),
        ({}, {"IPATENT_PORT": "1.5"}, "", "not a whole number"),
        ({}, {}, "port = 1.5", "not a whole number"),
        ({}, {}, "port = inf", "not a whole number"),
        ({}, {}, "port = true", "not a whole number"),
        ({}, {}, "port = [1]", "not a whole number"),
        ({}, {}, f"text_weight = {10**400}", "not a number"),
        ({}, {}, "text_weight = nan", "not a number"),
        ({}, {}, "host = 5", "not a text"),
        ({}, {}, 'data = "a\\u0000b"', "not a text"),
        ({"port": "70000"}, {}, "", "port in the command line is 70000; it must be from 0 to 65,535"),
        ({"text_weight": 1.01}, {}, "", "must be from 0 to 1"),
        ({"max_pages": 0}, {}, "", "must be at least 1"),
        ({}, {}, "k = ", "ipatent.toml is not valid TOML"),
        ({}, {"IPATENT_SETTINGS": "missing.toml"}, "", "missing.toml cannot be read: No such file"),
    ],
)
def test_what_is_wrong_is_named_with_its_origin(
    elsewhere: Path, flags: dict[str, Any], environment: dict[str, str], file: str, message: str
) -> None:
    if file:
        (elsewhere / "ipatent.toml").write_text(file)
    with pytest.raises(SettingsError) as caught:
        load_settings(flags, environment)
    assert message in str(caught.value)


def test_a_file_that_is_no_text_is_refused(elsewhere: Path) -> None:
    (elsewhere / "ipatent.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="not valid TOML"):
        load_settings({}, {})


def test_folders_may_begin_with_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert load_settings({"data": "~/x"}, {}).data_dir == Path("/home/ada/x")
    assert load_settings({"data": "~/x"}, {}).models_dir == Path("/home/ada/x/models")
    assert load_settings({"models": "~/m"}, {}).models_dir == Path("/home/ada/m")
    with pytest.raises(SettingsError, match="no such user's home folder"):
        _ = load_settings({"data": "~nobody-of-this-name/x"}, {}).data_dir
