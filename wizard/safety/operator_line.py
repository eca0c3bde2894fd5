"""The last gate before an error reaches the operator: one line, nothing that a driver held."""

import traceback
from pathlib import Path

from wizard.safety.errors import WizardError
from wizard.safety.sanitize import sanitize
from wizard.safety.system_words import in_words


def operator_line(error: BaseException) -> str:
    """An error in one line, with its advice.

    Our own errors and the system's carry a line that is meant for reading; any other may hold
    values from a driver's frame, a password among them, and is named by its kind only. What the
    operator typed may hold a password too, where it is said again.
    """
    from wizard.safety.redact import mask_secrets

    if not isinstance(error, WizardError | OSError):
        return f"unexpected {type(error).__name__}"
    text = next((line for line in str(error).strip().splitlines() if line.strip()), "")
    advice = getattr(error, "advice", "")
    if advice and advice not in text:
        text = f"{text}; {advice}" if text else advice
    text = mask_secrets(in_words(text)).text
    return sanitize(text) or type(error).__name__


def place_of(error: BaseException) -> str:
    """Where in the program an unexpected error arose, such as " at counters.py:77".

    Or nothing; a module and a line hold no value of anybody's.
    """
    frames = traceback.extract_tb(error.__traceback__)
    return f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
