"""Another machine, asked over SSH in POSIX sh with nothing installed there.

scripts.py, log_scripts.py, prefetch_script.py   what is sent
edit_script.py                                   one file changed, whole or not at all
sections.py, log_answers.py, prefetched.py       what comes back
host.py                                          SshHost, the protocol's answers
asking.py, editing.py                            one question, and what its exit code says
sudo.py                                          the same as root, where that is allowed
"""
