"""Apiframe (apiframe.ai): jobs of one picture each, paid in credits, safe to submit again."""
