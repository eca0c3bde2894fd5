"""The keys, and what the words mean (F1). At most 78 columns a line."""

HELP = """\
KEYS
  1 to 9, 0, L S V W K    go to a step         [ ]     step by step
  up down, j k, g G       move in a list      Enter   open what it marks
  Tab, Shift+Tab          next, last part     Esc     leave a field, a window
  Space, Backspace        page down, page up of the whole pane
  Ctrl+C                  stop the running work, and say what was stopped
  F5                      run this step again  F6      run all steps again
  /                       filter the rows, or search Knowledge
  o                       order the rows by the next column
  e                       evidence, or all of the pane in the whole window
  s                       the suspects; Enter there opens the evidence
  d, x, r                 diagnosis, fix, report
  t                       the experiment that would decide on the suspect
  ?, i                    what is known about what is highlighted
  n                       show a new result that waits
  b                       back from a jump
  y, c                    copy what is highlighted
  v                       Error log: by reason, account, host, time
  a                       General log, Slow log: switch it on for a while
  a, p, f, left, right    Recorder: watch, hold, one kind, earlier, later
  Enter, a, l             Network: start the probe, start all, the limits
  Enter, a, u             Fix: preview, apply, undo; Space marks a session
  f, h, w                 Fix: as other text, the hand-out, write it; R restart
  w, a, y, f              Report: save it, the case; copy it; another format
  Ctrl+P                  all commands         q, Ctrl+Q   quit
  A field takes letters only once Enter or Tab led there; Esc leaves it. Text
  that is pasted elsewhere goes to Symptom and is never obeyed.

STATES
  -               not run yet              not run   an experiment that waits
  ok              looked, and nothing was found that matters here
  ! 136 k         so many times seen, and a suspect rests on it
  4 tuned         so many settings are not the default; ! 1 off: one is to blame
  OOM 3, disk 1   so many facts of this kind; nobody is blamed for them so far
  12 lost         sessions that the server counted as ended badly
  no access       could not look, and why (log off, elsewhere, not seen);
                  it does not mean that nothing is there
  ... old         read before the server was changed or lost: F5 reads it again

VERDICTS
  confirmed       the evidence leaves no other cause for these failures
  likely          the evidence points here
  possible        something points here, nothing decides
  unlikely        something speaks against it
  ruled out       the evidence excludes it
  not checked     nobody looked
  noise           explains counters or log lines, and hurts nobody
"""
