"""AI/ML API (aimlapi.com): many vendors' models behind one address, answered at once, billed by what each call used."""
