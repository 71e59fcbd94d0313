"""What the register and its identifiers promise."""
