"""Bringing back what an archive of ``exports`` took away, into the same account or into another.

Nothing in an archive is trusted: it may come from another studio, or from somebody who made it up. Pictures are decoded
as those of a vendor are and have to be what their records say; what is written about them stands within bounds.
Everything gets ids that follow from those in the archive and from whose it becomes, so that bringing back the same
archive again makes nothing twice.
"""

from __future__ import annotations

from generations.importing.bringing import Brought, bring_back
from generations.importing.opening import Unusable

__all__ = ["Brought", "Unusable", "bring_back"]
