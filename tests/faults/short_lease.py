"""The gateway as it is, but with leases of a few seconds, so that a test need not wait half a minute for a dead process's rows."""

from datetime import timedelta

from gateway.cli import main
from gateway.store import changes, outbox

outbox.LEASE = changes.LEASE = timedelta(seconds=4)

if __name__ == "__main__":
    main(["serve"])
