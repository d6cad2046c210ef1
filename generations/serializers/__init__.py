"""Our API's shapes: those that are taken are checked here, those that ``bodies`` gives are described for the schema."""
