"""Any server that speaks OpenAI's images API: OpenAI, or a machine of the operator's own."""
