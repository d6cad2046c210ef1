"""The vendors as local servers: they speak the documented formats, keep account of what they were paid for, and fail
on demand. ``python -m tests.emulators --help`` runs one by hand.
"""
