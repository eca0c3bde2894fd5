"""Other sides that mean harm, or are broken: what they send must cost one step at most."""
