"""The studio's speed, measured against an emulated vendor on a throw-away studio: ``make bench``.

Absolute figures drift with the machine; ratios within one run are what to quote.
"""
