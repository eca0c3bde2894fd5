"""What keeps hostile text out and secrets in; every other room stands on it.

    text  = sanitize(raw)            sanitize.py         control and bidi characters, length
    line  = operator_line(error)     operator_line.py    the last gate before an error is shown
    text  = mask_secrets(text)       redact.py           passwords in lines
    sql   = mask_statement(sql)      redact_sql.py       values in statements
    write_private(path, data)        private_file.py     mode 0600, whole or not at all
    conceal(password)                hide_argument.py    out of /proc/PID/cmdline

The tree of exceptions is in errors.py.
"""
