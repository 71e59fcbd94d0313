"""Settings: defaults, what is refused, and what is shown of secrets."""

import pytest
from pydantic import ValidationError

from gateway.settings import Settings, masked, unknown_names


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith("MEDCOM_")]:
        monkeypatch.delenv(name)


def test_the_default_is_embedded():
    """With nothing set the gateway needs no server and listens to this machine alone."""
    settings = Settings()
    assert settings.embedded_broker
    assert settings.store_url == "sqlite:///medcom-data/medcom.db"
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8080)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("broker_url", "redis://x"),
        ("broker_url", ""),
        ("database_url", "mysql://x"),
        ("http_port", 70000),
        ("max_document", 10),
        ("hub_id", ""),
        ("hub_id", "x" * 36),
        ("give_up_after", 0),
        ("receipt_within", -1),
        ("attachment_within", 0),
        ("push_timeout", 0),
        ("endpoint_concurrency", 0),
        ("log_level", "loud"),
        ("findes_ikke", 1),
    ],
)
def test_what_cannot_be_is_refused(name, value):
    """Each relation is checked before anything is opened, and names its setting."""
    with pytest.raises(ValidationError) as refused:
        Settings(**{name: value})
    assert refused.value.errors()[0]["loc"] == (name,)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("amqp://bruger:hemmelig@sted:5672/vhost", "amqp://bruger:***@sted:5672/vhost"),
        ("postgresql://b:p%40ss@sted/db?sslmode=require", "postgresql://b:***@sted/db?sslmode=require"),
        ("postgresql://b:p@ss@sted/db", "postgresql://b:***@sted/db"),
        ("amqp://:hemmelig@sted/", "amqp://:***@sted/"),
        ("sqlite:///fil.db", "sqlite:///fil.db"),
        ("postgresql://bruger@sted/db", "postgresql://bruger@sted/db"),
        ("postgresql:///db?host=sted&user=b&password=hemmelig", "postgresql:///db?host=sted&user=b&password=***"),
    ],
)
def test_passwords_are_masked(url, shown):
    """Whatever the place of the password in the URL, it is not shown, and the rest is."""
    assert masked(url) == shown


def test_shown_has_no_secret():
    """What `check` prints of the settings has no password."""
    settings = Settings(broker_url="amqp://a:hemmelig@b/", database_url="postgresql://a:hemmelig@b/c")
    assert "hemmelig" not in str(settings.shown())


def test_a_misspelt_name_is_found_with_what_was_meant():
    """Names with the prefix that are no settings are found; the simulators' and everybody else's are left alone."""
    names = ["MEDCOM_BROKER_ULR", "MEDCOM_QQQQ", "MEDCOM_CONFIG", "MEDCOM_REGISTER", "MEDCOM_SIMULATE_TOKEN", "PATH"]
    assert unknown_names(names) == {"MEDCOM_BROKER_ULR": "MEDCOM_BROKER_URL", "MEDCOM_QQQQ": None}
