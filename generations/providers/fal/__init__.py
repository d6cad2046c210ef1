"""fal (fal.ai): queues of its own, billed per picture."""
