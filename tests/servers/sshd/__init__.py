"""Real sshd instances on loopback, each private to the test that asked for it."""
