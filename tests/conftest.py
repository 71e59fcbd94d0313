"""Fixtures that every suite may use: private instances of the real services."""

pytest_plugins = ["tests.services.postgres", "tests.services.proxy", "tests.services.rabbitmq"]
