"""From a case and the knowledge base to a diagnosis; pure, so a reopened case says the same.

The way of a case, and where each rule has its place:

1. `derived/clock_offset` finds a constant difference of the clocks; the failures' times are
   put on the server's clock before anything is compared.
2. `derived/` makes evidence that needs several steps together: why the server was gone
   (`outages`, `loops`), what the failures tell beside the settings (`failures`: a setting in
   force says nothing of a time before the server's start or the setting's last change), which
   of several timeouts ended a session (`which_timeout`), who left first (`session_ends`), what
   no log tells (`unlogged_ends`), what can only be guessed (`hints`).
3. `case_view` knows what was looked for and is absent. Ends whose reason the server lost rule
   out no reason; a decisive trace outweighs the lack of another.
4. `weighing` weighs each cause by what speaks for and against it. A cause that comes out
   unlikely or ruled out explains nothing, neither a failure nor a sum (`server_counts`).
5. `attribution` puts each failure down to one cause, the best pair of failure and evidence
   first (`desk` deals). The rules of nearness are in `matching/`:
   - a failure's own words name its cause, except for what a shutdown says as well;
   - the end of the very connection that the failure names is its own, and nobody else's; an
     end of another connection or another account is never ours;
   - an outage explains what failed while it lasted, and the first use of connections older
     than it, the nearest outage first; one that has worked since is not older;
   - a timeout explains a rest that reaches it, best where the end came when it was reached;
   - among ends that can be, the nearest in time; a count takes part with its first and last
     time, and one without any is left for what nothing nearer explains; a total that cannot be
     placed in the window explains nothing;
   - MariaDB resets what idles and ends all else in order, which its clients can tell;
   - what an experiment of the operator's confirmed goes before what a log merely allows.
   `ends` finds the nearest end by time and identity. An end explains one failure, also where
   that failure was explained by its own words, and in each record that tells of it.
6. `felt` asks whether the application felt a cause. One that explains no failure, or that a
   log of the application's covers in silence, is at most possible, unless it is so now.
7. `diagnose` puts it together: findings in order, what is missing, what to look at next.
"""
