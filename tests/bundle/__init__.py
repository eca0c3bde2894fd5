"""The one file with everything in it, as an operator runs it who may install nothing."""
