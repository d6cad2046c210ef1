"""The account over REST: who one is, one's API keys, one's credits."""
