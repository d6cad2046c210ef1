"""What the operator does not want made."""
