"""The embedded journal on the very first start, when the process that serves has also made the file."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from gateway.store import open_store


async def test_another_process_does_not_take_the_log_away_on_the_first_start(tmp_path: Path) -> None:
    """A journal that has just made its file keeps its locks, so that a command which comes and goes leaves its write-ahead log."""
    database = tmp_path / "medcom.db"
    store = await open_store(f"sqlite:///{database}", receipt_within=timedelta(minutes=30), migrate=True)
    try:
        assert await store.probe() is None
        look = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM alembic_version'); c.close()"
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", look, str(database)], check=True, timeout=20)
        assert (tmp_path / "medcom.db-wal").exists()
    finally:
        await store.close()
