"""What operators see of what happens: lines in the log, figures, and traces where somebody asked for them.

Empty but for this. Every part of the studio may say something here, and nothing here knows the parts.
"""

from __future__ import annotations
