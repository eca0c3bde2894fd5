"""What came with a version of Python after 3.6, and so is not at hand on an old host.

By the names of the standard library's modules there and in 3.13; of each module that a reader of
logs may want.
"""

import ast
import re
from collections.abc import Iterator, Mapping

MODULES = frozenset(
    {"contextvars", "dataclasses", "graphlib", "importlib.metadata", "importlib.resources",
     "tomllib", "zoneinfo"}
)  # fmt: skip

_NAMES = {
    "contextlib": "AbstractAsyncContextManager AsyncContextDecorator AsyncExitStack aclosing "
    "asynccontextmanager chdir nullcontext",
    "copy": "replace",
    "datetime": "UTC",
    "enum": "EnumCheck EnumDict EnumType FlagBoundary ReprEnum StrEnum global_enum member "
    "nonmember property verify CONFORM CONTINUOUS EJECT KEEP NAMED_FLAGS STRICT UNIQUE",
    "functools": "cache cached_property singledispatchmethod",
    "gzip": "BadGzipFile READ_BUFFER_SIZE",
    "hashlib": "file_digest",
    "io": "open_code text_encoding",
    "itertools": "batched pairwise",
    "math": "cbrt comb dist exp2 fma isqrt lcm nextafter perm prod remainder sumprod ulp",
    "operator": "call",
    "os": "add_dll_directory copy_file_range eventfd memfd_create pidfd_open posix_spawn preadv "
    "process_cpu_count pwritev register_at_fork splice unshare waitstatus_to_exitcode",
    "pickle": "PickleBuffer",
    "queue": "ShutDown SimpleQueue",
    "random": "binomialvariate randbytes",
    "re": "Match NOFLAG Pattern PatternError",
    "shlex": "join",
    "signal": "pidfd_send_signal raise_signal strsignal valid_signals",
    "statistics": "NormalDist correlation covariance fmean geometric_mean linear_regression "
    "multimode quantiles",
    "sys": "addaudithook audit breakpointhook exception orig_argv platlibdir pycache_prefix "
    "stdlib_module_names unraisablehook",
    "threading": "excepthook get_native_id getprofile gettrace",
    "time": "clock_gettime_ns clock_settime_ns monotonic_ns perf_counter_ns process_time_ns "
    "thread_time thread_time_ns time_ns",
    "types": "CellType EllipsisType GenericAlias NoneType NotImplementedType UnionType "
    "get_original_bases resolve_bases",
    "unicodedata": "is_normalized",
}
NAMES = {module: frozenset(names.split()) for module, names in _NAMES.items()}

_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?!>)|(?P<newer>(?:[*+?]|\{\d*,?\d*\})\+|\(\?>)", re.DOTALL
)
"""What an expression is made of, as far as it takes to see what is not within a set."""


def newer_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What of a module is not known there, with its line."""
    modules = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = str(node.module)
            names = (alias.name for alias in node.names if _is_newer(module, alias.name))
            yield from ((node.lineno, f"{module}.{name}") for name in names)
        elif isinstance(node, ast.Attribute):
            yield from ((node.lineno, told) for told in _of_module(node, modules))
        elif isinstance(node, ast.Constant) and "re" in modules:
            yield from ((node.lineno, told) for told in newer_repeats(_text(node.value)))


def _of_module(node: ast.Attribute, modules: Mapping[str, str]) -> Iterator[str]:
    module = modules.get(node.value.id, "") if isinstance(node.value, ast.Name) else ""
    if _is_newer(module, node.attr):
        yield f"{module}.{node.attr}"


def _is_newer(module: str, name: str) -> bool:
    return module in MODULES or name in NAMES.get(module, ())


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else ""


def newer_repeats(pattern: str) -> Iterator[str]:
    """Possessive repetitions and atomic groups, which came with Python 3.11."""
    return (found[0] for found in _PIECE.finditer(pattern) if found["newer"])
