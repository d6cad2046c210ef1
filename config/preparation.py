"""Whether this database was prepared for this code before, so that a start need not wait for it to be seen to again."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from config import env
from config.embedded.places import places_of

# What migrations and the catalogue come from, ours and the dependencies'.
SOURCES = ("*/migrations/*.py", "generations/catalogue.toml", "requirements.lock")


@dataclass(frozen=True)
class Preparation:
    """A note in `var` of what was prepared last. It only decides what a start does first: nothing is left out."""

    var: Path
    root: Path = env.BASE_DIR

    def known(self) -> bool:
        """Whether nothing has changed since `remember`; forgets it too, so that a start that fails is not repeated."""
        try:
            noted = self._note.read_text(encoding="ascii")
        except FileNotFoundError:
            return False
        self._note.unlink()
        return noted == self._state() and (self.var / "credentials.json").exists()

    def remember(self) -> None:
        """Note that everything was prepared."""
        self._note.write_text(self._state(), encoding="ascii")

    @property
    def _note(self) -> Path:
        return self.var / "prepared"

    def _state(self) -> str:
        state = sha256(self._database().encode())
        for pattern in SOURCES:
            for path in sorted(self.root.glob(pattern)):
                state.update(f"\n{path.relative_to(self.root)}\n".encode() + path.read_bytes())
        return state.hexdigest()

    def _database(self) -> str:
        """Where it is; of the embedded one, also when it was made."""
        if url := env.text("DATABASE_URL"):
            return url
        made = places_of(self.var).postgres / "PG_VERSION"
        return str(made.stat().st_mtime_ns) if made.exists() else ""
