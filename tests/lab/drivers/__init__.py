"""Small programs that do jobs on real drivers, each logging as its ecosystem does."""
