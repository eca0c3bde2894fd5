"""The keys, and what the words mean (F1)."""

HELP = """\
KEYS
  1 to 9, 0, K    go to a step             Alt+Left, [     back
  up down, j k    move in a list           Alt+Right, ]    next
  Enter           open: a step, a fact, a suspect, a row
  Tab             next part of the screen  Shift+Tab       previous part
  Esc             leave a field, pane or window; work goes on
  Ctrl+C          stop the running work, and say what was stopped
  F5              run this step again      F6              run all steps again
  e               evidence of what is highlighted
  s               suspects                 d               diagnosis
  x               fix                      r               report
  ?, i            what is known about the cause, remedy or setting that is highlighted
  K               all that is known: causes, variables, error numbers, myths, recipes
  t               the probe that would decide on the suspect that is highlighted
  n               show a new result that waits    b   back from a jump
  Enter, a, l     in Network: start the probe, start all of them, change the limits
  p, a, u         in Fix: preview, apply, undo
  w, y            in Report: save it, copy it
  c               copy what is highlighted
  Ctrl+P          all commands             q, Ctrl+Q       quit
  A field takes letters only once Enter or Tab led there; Esc leaves it. Text that
  is pasted elsewhere goes to Symptom and is never obeyed.

STATES
  -               not run yet
  done            looked, and nothing was found
  found 3         three facts were found
  running 12 s    a probe is at work; waiting: another one comes first
  3 of 5          in Network: so many probes looked, and found nothing
  skipped: ...    could not look, and why; it does not mean that nothing is there
  failed: ...     the step met an error

VERDICTS
  confirmed       the evidence leaves no other cause for these failures
  likely          the evidence points here
  possible        something points here, nothing decides
  unlikely        something speaks against it
  ruled out       the evidence excludes it
  not checked     nobody looked
  noise           explains counters or log lines, and hurts nobody
"""
