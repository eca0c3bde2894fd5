"""Lines that differ by the words in their quotes are known by the first of them."""

from datetime import UTC

from knowledge.load import signatures
from wizard.logs.engine.shapes import shape_of
from wizard.logs.error.line_form import LineForms
from wizard.logs.error.minutes import Minutes
from wizard.logs.error.shape_frame import ShapeFrames
from wizard.logs.error.shape_kind import READ_EACH, ShapeReader
from wizard.logs.error.signature_of import Signatures

KNOWN = signatures("error-log")
HEAD = b"2026-11-23T10:45:15.696065Z 7 [Note] [MY-010914] [Server] "
ABORTED = (
    b"Aborted connection 7 to db: '%s' user: '%s' host: '%s' "
    b"(Got timeout reading communication packets)."
)


def _reader() -> ShapeReader:
    return ShapeReader(Signatures(KNOWN), Minutes(UTC), UTC)


def _signature(reader: ShapeReader, line: bytes) -> str:
    number = reader.kind(line, shape_of(line)).signature
    return KNOWN[number].id if number >= 0 else str(number)


def test_a_word_in_quotes_that_no_text_speaks_of_is_not_in_the_frame() -> None:
    frames = ShapeFrames((b"a primary ", b"'max_allowed_packet' bytes"))
    one = frames.frame(b"db: 'shop' user: 'app'@'00.0.0.0' (x)")
    assert one == frames.frame(b"db: 'crm' user: 'report'@'web-0' (x)")
    for word in (b"max_allowed_packet", b"two words", b"a) (b", b"{", b"x" * 65, b""):
        assert word in frames.frame(b"db: '%s' user: 'app'" % word)


def test_texts_are_in_the_frame_where_they_are_in_the_shape() -> None:
    texts = (b"user: 'root'@", b"''", b"'shop", b"app'", b"host")
    frames = ShapeFrames(texts)
    for word in (b"root", b"", b"shop", b"shops", b"app", b"my_app", b"myhosts", b"other"):
        shape = b"db: '%s' user: '%s'@'%s' it's a" % (word, word, word)
        assert [text in shape for text in texts] == [text in frames.frame(shape) for text in texts]


def test_the_place_of_an_account_is_that_of_the_own_line() -> None:
    reader = _reader()
    for user, host in ((b"app", b"10.0.0.7"), (b"report", b"web-1"), (b"x" * 70, b"::1")):
        line = HEAD + ABORTED % (b"shop", user, host)
        kind = reader.kind(line, shape_of(line))
        assert line[kind.account] == user + b"' host: '" + host
        assert line[kind.minute] == b"2026-11-23T10:45"
        assert line[kind.offset] == b"Z"


def test_a_name_that_changes_the_signature_is_seen_after_one_that_does_not() -> None:
    reader = _reader()
    usual = _signature(reader, HEAD + ABORTED % (b"shop", b"app", b"web"))
    assert usual == "aborted-timeout"
    line = HEAD + ABORTED % (b"unconnected", b"unauthenticated", b"web")
    assert _signature(reader, line) == _signature(_reader(), line) != usual


def test_what_was_printed_again_is_not_known_by_its_first_printing() -> None:
    forms = LineForms(Signatures(KNOWN), Minutes(UTC), UTC)
    line = HEAD + ABORTED % (b"shop", b"app", b"web")
    again = line.replace(b"MY-010914", b"MY-013951")
    assert forms.of(line, shape_of(line)).head is not None
    assert forms.of(again, shape_of(again)).head is None


def test_a_line_without_a_true_time_is_read_for_itself() -> None:
    reader = _reader()
    line = HEAD.replace(b"-11-23", b"-13-23") + ABORTED % (b"shop", b"app", b"web")
    assert reader.kind(line, shape_of(line)).signature == READ_EACH
