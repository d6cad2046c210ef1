"""How an image keeps its static files."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django's own (`support_js_module_import_aggregation`) would take the examples in htmx's comments for imports.
IMPORTS = (r"""(?P<matched>(?P<lead>\b(?:from|import)\s*)["'](?P<url>\.{1,2}/[^"']+)["'])""", '%(lead)s"%(url)s"')


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Names hold a hash of the content, in the imports of our ES modules too, so browsers may keep them for ever."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", (IMPORTS,)))
