"""What a prompt asks for, in the renderer's own terms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brief:
    """A prompt read: empty strings stand for what it leaves to the seed."""

    scene: str
    subject: str = ""
    time: str = ""
    weather: str = ""
    season: str = ""
    style: str = ""
    colours: tuple[str, ...] = ()
    subject_colour: str = ""
    motifs: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    known: bool = True  # whether any word of the prompt chose the scene

    def has(self, motif: str) -> bool:
        """Whether the prompt asks for the motif and nothing takes it away."""
        return motif in self.motifs and motif not in self.without

    def allows(self, motif: str) -> bool:
        """Whether the scene may add the motif of its own accord."""
        return motif not in self.without
