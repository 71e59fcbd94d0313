"""The gateway as it is, but what has been in a queue for a few seconds counts as stalled, where it would take a quarter of an hour."""

from datetime import timedelta

from gateway import sweeper
from gateway.cli import main

sweeper.STALLED_AFTER = timedelta(seconds=5)

if __name__ == "__main__":
    main(["serve"])
