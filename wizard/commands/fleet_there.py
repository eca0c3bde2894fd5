"""Checks the machine that it runs on: `python -m wizard.commands.fleet_there`, a copied file there.

One line of JSON comes in (a HostRequest) and one goes out (a fleet.copied.Answer).
"""

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from wizard.case.json_codec import decode, encode
from wizard.commands import exit_codes
from wizard.commands.fleet_host import looked_at
from wizard.commands.terminal import remark
from wizard.fleet.copied import Answer
from wizard.fleet.request import HostRequest
from wizard.safety.operator_line import operator_line


def main() -> int:
    try:
        request = decode(HostRequest, json.loads(sys.stdin.readline()))
        with tempfile.TemporaryDirectory() as place:
            case = Path(place) / "case.json"
            result = looked_at(replace(request, case=str(case)))
            answer = Answer(result, case.read_text(encoding="ascii"))
        print(json.dumps(encode(answer)), flush=True)
    except Exception as error:  # noqa: BLE001 - the last gate: one line for the table
        remark(operator_line(error))
        return exit_codes.code_of(error)
    return exit_codes.DONE


if __name__ == "__main__":
    sys.exit(main())
