"""What every vendor reached over HTTP shares: one way to call, one reading of what went wrong, one guard.

``HttpProvider`` is the base of their clients. Everything it raises is a ``ProviderError`` with one of these codes:

    not_sent                                 nothing left us: free to try again
    rate_limited  busy                       refused for now, with ``retry_after``
    bad_key  no_funds  no_access  model_gone refused until somebody acts (not ``passing``)
    not_offered  prompt_too_long             this vendor does not take it, another may (not ``passing``)
    prompt_too_long                          refused here for good, though another vendor may read it (not ``passing``)
    bad_request  content_policy              the request itself is refused
    conflict                                 the vendor has our key with another request: our own mistake
    no_answer  bad_answer                    silence, or an answer that says nothing
    job_failed  job_lost  job_cancelled      an accepted job will never deliver (not ``passing``)
    forbidden_address  too_large  not_a_picture   what stands where a picture should be

Asking after a job, or for a picture, may be repeated after any ``ProviderUnavailable`` that is ``passing``.
"""

from __future__ import annotations

from generations.providers.http.answers import Answer
from generations.providers.http.provider import HttpClient, HttpProvider

__all__ = ["Answer", "HttpClient", "HttpProvider"]
