"""Host patterns of ssh_config(5): `*` for any characters, `?` for one."""

from fnmatch import fnmatchcase


def fits(pattern: str, name: str) -> bool:
    """Only `*` and `?` are special, so brackets stand for themselves."""
    return fnmatchcase(name, pattern.replace("[", "[[]"))
