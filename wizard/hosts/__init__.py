"""Machines that commands, files and metrics come from, behind one protocol.

protocol.py        Host: what a machine can be asked; psutil's names and shapes
local/             this machine
ssh/               a connection to another one: settings, host keys, authentication, channels
remote/            the same questions asked over it, many in one round trip
server_process.py  which process is the target's server, and how it was started
sifting.py         which lines of a log are wanted, so that only they cross the network
"""
