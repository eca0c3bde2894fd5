"""TCP_INFO and ss tell the same of one connection."""

import socket

import pytest

from wizard.probes.latency.tcp_info import ESTABLISHED, TcpInfo, listed, of_socket, parsed

# A connection that lost 5 % of its packets each way, recorded on Linux 6.18: getsockopt, and
# the line of ss (iproute2 6.1) at the same moment.
GIVEN = bytes.fromhex(
    "010000000007aa01e01c0300409c0000a80500001802000000000000000000000000000000000000"
    "000000004c000000000000004c0000004c000000dc050000f88c09000f010000e1000000ffffff7f"
    "a0000000a805000003000000d21a800035fd000032000000a24e747500000000ffffffffffffffff"
    "59a105000000000029eb010000000000d3010000ba010000000000000c00000098010000c5010000"
    "2a3a31070000000020dba4000000000000000000000000000000000000000000a401000000000000"
    "6c5506000000000014b4000000000000100000000000000000000000000c01000090090008000000"
    "08000700b40100000000000000000000"
)
LISTED = """\
ESTAB 0      0      10.77.1.2:41870 10.77.2.2:30416
\t bbr wscale:10,10 rto:204 rtt:0.271/0.225 ato:40 mss:1448 pmtu:1500 rcvmss:536 advmss:1448 \
cwnd:160 bytes_sent:415084 bytes_retrans:46100 bytes_acked:368985 bytes_received:125737 \
segs_out:467 segs_in:442 data_segs_out:453 data_segs_in:408 \
bbr:(bw:965333096bps,mrtt:0.049,pacing_gain:2.88672,cwnd_gain:2.88672) send 6839261993bps \
lastsnd:68 lastrcv:68 lastack:68 pacing_rate 15764452624bps delivery_rate 965333328bps \
delivered:420 app_limited busy:10804ms retrans:0/50 dsack_dups:16 rcv_rtt:8395.47 \
rcv_space:64821 rcv_ssthresh:625912 minrtt:0.012 snd_wnd:68608
"""
KNOWN = TcpInfo(
    state=ESTABLISHED,
    rtt=0.271,
    rttvar=0.225,
    snd_mss=1448,
    pmtu=1500,
    total_retrans=50,
    segs_out=467,
    segs_in=442,
    data_segs_out=453,
    data_segs_in=408,
    bytes_retrans=46100,
    dsack_dups=16,
    rcv_ooopack=0,
)


def test_what_the_kernel_gives_is_read() -> None:
    assert parsed(GIVEN) == KNOWN


def test_what_an_older_kernel_does_not_give_is_unknown() -> None:
    """Linux 3.10 gives 104 bytes, 4.9 gives 160."""
    old = parsed(GIVEN[:104])
    assert (old.total_retrans, old.segs_out, old.data_segs_out) == (50, None, None)
    assert parsed(GIVEN[:160]).data_segs_out == 453
    assert parsed(GIVEN[:160]).dsack_dups is None
    assert parsed(b"") == TcpInfo()


def test_ss_tells_the_same() -> None:
    (entry,) = listed(LISTED)
    assert (entry.local, entry.peer) == ("10.77.1.2:41870", "10.77.2.2:30416")
    assert entry.info == KNOWN


def test_ss_leaves_out_what_is_zero() -> None:
    one = "0 0 [::1]:41870 [::1]:3306\n\t cubic rtt:0.1/0.05 mss:1448 segs_out:4\n"
    (entry,) = listed(one)
    assert entry.peer == "[::1]:3306"
    assert (entry.info.total_retrans, entry.info.dsack_dups, entry.info.pmtu) == (0, 0, None)
    older = listed("ESTAB 0 0 10.0.0.1:1 10.0.0.2:2\n\t cubic rtt:0.1/0.05 mss:1448\n")
    assert older[0].info.total_retrans is None


@pytest.mark.parametrize("output", ["", "\n \n", "garbage\n\t rtt:x/y segs_out:-\n", "\t mss:1\n"])
def test_what_ss_does_not_say_is_not_read(output: str) -> None:
    assert listed(output) == ()


def test_the_running_kernel_is_understood() -> None:
    """A connection that sent one segment and got one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
        with ours, theirs:
            before = of_socket(ours)
            ours.sendall(b"x" * 100)
            assert theirs.recv(200) == b"x" * 100
            theirs.sendall(b"y" * 100)
            assert ours.recv(200) == b"y" * 100
            after = of_socket(ours)
        assert before is not None
        assert after is not None
        assert after.state == ESTABLISHED
        assert (after.data_segs_out or 0) - (before.data_segs_out or 0) == 1
        assert (after.data_segs_in or 0) - (before.data_segs_in or 0) == 1
        assert after.total_retrans == 0
        assert after.pmtu is not None
        assert after.pmtu >= 1500
        assert after.rtt is not None
        assert 0 < after.rtt < 1000


def test_a_unix_socket_has_none() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert of_socket(ours) is None
    assert of_socket(None) is None
